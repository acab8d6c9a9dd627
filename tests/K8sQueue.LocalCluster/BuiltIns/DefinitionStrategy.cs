using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Schema;

namespace K8sQueue.LocalCluster.BuiltIns;

/// <summary>CustomResourceDefinitions: established at once, deleted after their objects.</summary>
internal sealed class DefinitionStrategy : DefaultStrategy
{
    /// <summary>Holds a definition until its objects are gone.</summary>
    public const string CleanUpFinalizer = "customresourcecleanup.apiextensions.k8s.io";

    public override void PrepareForCreate(JsonObject value)
    {
        value.SetFinalizers(value.Finalizers().Append(CleanUpFinalizer).Distinct());
        var now = value.TextAt("metadata", "creationTimestamp");
        value["status"] = new JsonObject
        {
            ["conditions"] = new JsonArray(
                Condition("NamesAccepted", "NoConflicts", "no conflicts found", now),
                Condition("Established", "InitialNamesAccepted", "the initial names have been accepted", now)),
        };
    }

    public override void PrepareForUpdate(JsonObject value, JsonObject old) => Names(value);

    public override void Default(JsonObject value)
    {
        if (value.MapAt("spec", "names") is { } names && names.TextAt("kind") is { } kind)
        {
            names["singular"] ??= kind.ToLowerInvariant();
            names["listKind"] ??= kind + "List";
        }

        if (value.MapAt("spec") is { } spec)
            spec["conversion"] ??= new JsonObject { ["strategy"] = "None" };
        Names(value);
    }

    public override void Validate(JsonObject value, JsonObject? old, ICollection<FieldError> errors)
    {
        var spec = value.MapAt("spec");
        foreach (var (path, text) in new[]
        {
            ("spec.group", spec.TextAt("group")), ("spec.scope", spec.TextAt("scope")),
            ("spec.names.plural", spec.TextAt("names", "plural")), ("spec.names.kind", spec.TextAt("names", "kind")),
        })
        {
            if (string.IsNullOrEmpty(text))
                errors.Add(FieldError.Required(path));
        }

        if (value.Name() != $"{spec.TextAt("names", "plural")}.{spec.TextAt("group")}")
            errors.Add(FieldError.Invalid("metadata.name", value.Name(), "must be spec.names.plural+\".\"+spec.group"));
        var versions = spec.ListAt("versions")?.OfType<JsonObject>().ToList() ?? [];
        if (versions.Count(v => v.FlagAt("storage")) != 1)
            errors.Add(FieldError.Invalid("spec.versions", spec.At("versions"), "must have exactly one version marked as storage version"));
        for (var i = 0; i < versions.Count; i++)
        {
            if (versions[i].MapAt("schema", "openAPIV3Schema") is null)
                errors.Add(FieldError.Required($"spec.versions[{i}].schema.openAPIV3Schema", "schemas are required"));
        }

        if (errors.Count == 0)
            Readable(value, errors);
    }

    private static void Readable(JsonObject value, ICollection<FieldError> errors)
    {
        try
        {
            CustomResourceTypes.Read(value);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            errors.Add(FieldError.Invalid("spec.versions", "...", e.Message));
        }
    }

    private static void Names(JsonObject value)
    {
        if (value.MapAt("spec", "names") is { } names)
            value.Need("status")["acceptedNames"] = names.DeepClone();
        var storage = value.ListAt("spec", "versions")?.FirstOrDefault(v => v.FlagAt("storage")).TextAt("name");
        var stored = value.ListAt("status", "storedVersions")?.Select(v => v.AsText()) ?? [];
        value.Need("status")["storedVersions"] = JsonTree.Texts(stored.Append(storage).OfType<string>().Distinct());
    }

    private static JsonObject Condition(string type, string reason, string message, string? now) => new()
    {
        ["type"] = type,
        ["status"] = "True",
        ["lastTransitionTime"] = now,
        ["reason"] = reason,
        ["message"] = message,
    };
}
