using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Resources;

namespace K8sQueue.LocalCluster.Apply;

/// <summary>Keeps metadata.managedFields: who owns which field after a write.</summary>
internal static class FieldManager
{
    /// <summary>What nobody owns: identity and what the server itself writes.</summary>
    private static readonly string[] ServerFields =
    [
        "name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
        "deletionGracePeriodSeconds", "selfLink", "managedFields", "generateName",
    ];

    /// <summary>Writes the entries into the value. Times move only for entries that changed.</summary>
    public static void Record(ResourceEndpoint endpoint, JsonObject value, JsonObject? old, FieldOwner owner, TimeProvider time)
    {
        var before = ManagedEntry.Read(old);
        var entries = owner.Applied is null
            ? AfterUpdate(endpoint, value, old, owner, before)
            : [.. owner.Others!, new ManagedEntry(owner.Manager, owner.Operation, endpoint.ApiVersion, owner.Subresource, null, owner.Applied)];
        var now = ObjectMeta.Timestamp(time.GetUtcNow());
        var stamped = entries
            .Where(e => !e.Fields.IsEmpty)
            .Select(e => before.Find(b => b.Manager == e.Manager && b.Operation == e.Operation && b.Subresource == e.Subresource
                    && b.ApiVersion == e.ApiVersion && b.Fields.SameAs(e.Fields)) is { } same ? same : e with { Time = now });
        ManagedEntry.Write(value, stamped.OrderBy(e => e.Operation, StringComparer.Ordinal).ThenBy(e => e.Time, StringComparer.Ordinal));
    }

    /// <summary>Without identity, and without what the subresource does not write.</summary>
    public static FieldSet Ownable(FieldSet set, ResourceEndpoint endpoint, string? subresource)
    {
        var cut = new FieldSet();
        cut.Child("f:apiVersion").IsMember = true;
        cut.Child("f:kind").IsMember = true;
        foreach (var name in ServerFields)
            cut.Child("f:metadata").Child("f:" + name).IsMember = true;
        if (subresource is null && endpoint.Version.HasStatus)
            cut.Child("f:status").IsMember = true;
        var rest = set.ExceptTrees(cut);
        if (subresource == "status")
        {
            var others = new FieldSet();
            foreach (var element in rest.Children.Keys.Where(e => e != "f:status"))
                others.Child(element).IsMember = true;
            rest = rest.ExceptTrees(others);
        }

        // metadata itself is everybody's.
        if (rest.Children.TryGetValue("f:metadata", out var metadata))
        {
            metadata = metadata.Except(new FieldSet { IsMember = true });
            if (metadata.IsEmpty)
                rest.Children.Remove("f:metadata");
            else
                rest.Children["f:metadata"] = metadata;
        }

        return rest;
    }

    private static List<ManagedEntry> AfterUpdate(
        ResourceEndpoint endpoint, JsonObject value, JsonObject? old, FieldOwner owner, List<ManagedEntry> before)
    {
        var difference = TypedValue.Compare(endpoint.Version.Schema, old ?? [], value);
        var scope = endpoint.Version.HasStatus && owner.Subresource == "status" ? "status" : null;
        var written = Ownable(difference.Added.Union(difference.Modified), endpoint, scope);
        var removed = Ownable(difference.Removed, endpoint, scope);
        var entries = before
            .Select(e => e.IsOf(owner) && e.ApiVersion == endpoint.ApiVersion
                ? e with { Fields = e.Fields.ExceptTrees(removed).Union(written) }
                : e with { Fields = e.Fields.Except(written).ExceptTrees(removed) })
            .ToList();
        if (!entries.Exists(e => e.IsOf(owner) && e.ApiVersion == endpoint.ApiVersion))
            entries.Add(new ManagedEntry(owner.Manager, owner.Operation, endpoint.ApiVersion, owner.Subresource, null, written));
        return entries;
    }
}
