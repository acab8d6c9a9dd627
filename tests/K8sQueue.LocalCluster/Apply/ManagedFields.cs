using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Apply;

/// <summary>Who writes: the key of an entry of metadata.managedFields, and for an apply what it sets.</summary>
internal sealed record FieldOwner(string Manager, string Operation, string? Subresource)
{
    /// <summary>For an apply: the fields of the configuration.</summary>
    public FieldSet? Applied { get; init; }

    /// <summary>For an apply: the managers after conflicts were decided, without this one's entry.</summary>
    public IReadOnlyList<ManagedEntry>? Others { get; init; }

    public static FieldOwner Update(string manager, string? subresource) => new(manager, "Update", subresource);
}

/// <summary>An entry of metadata.managedFields.</summary>
internal sealed record ManagedEntry(string Manager, string Operation, string ApiVersion, string? Subresource, string? Time, FieldSet Fields)
{
    public bool IsOf(FieldOwner owner) =>
        Manager == owner.Manager && Operation == owner.Operation && (Subresource ?? "") == (owner.Subresource ?? "");

    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["manager"] = Manager,
            ["operation"] = Operation,
            ["apiVersion"] = ApiVersion,
            ["time"] = Time,
            ["fieldsType"] = "FieldsV1",
            ["fieldsV1"] = Fields.ToJson(),
        };
        if (!string.IsNullOrEmpty(Subresource))
            json["subresource"] = Subresource;
        return json;
    }

    public static List<ManagedEntry> Read(JsonObject? value)
    {
        var entries = new List<ManagedEntry>();
        foreach (var entry in value.ListAt("metadata", "managedFields")?.OfType<JsonObject>() ?? [])
        {
            entries.Add(new ManagedEntry(
                entry.TextAt("manager") ?? "",
                entry.TextAt("operation") ?? "",
                entry.TextAt("apiVersion") ?? "",
                entry.TextAt("subresource"),
                entry.TextAt("time"),
                FieldSet.RootFromJson(entry.MapAt("fieldsV1"))));
        }

        return entries;
    }

    public static void Write(JsonObject value, IEnumerable<ManagedEntry> entries)
    {
        var list = new JsonArray();
        foreach (var entry in entries)
            list.Add((JsonNode)entry.ToJson());
        if (list.Count > 0)
            value.Metadata()["managedFields"] = list;
        else
            value.Metadata().Remove("managedFields");
    }
}
