using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Storage;

namespace K8sQueue.LocalCluster.GarbageCollection;

/// <summary>Who owns whom, kept by the store's changes. Not thread-safe.</summary>
internal sealed class OwnerGraph
{
    private readonly Dictionary<string, HashSet<ObjectAddress>> _dependents = new(StringComparer.Ordinal);

    public void Apply(StoreEvent change)
    {
        if (change.Previous is { } previous)
        {
            foreach (var owner in previous.Value.OwnerReferences())
                Set(owner).Remove(ObjectAddress.Of(previous));
        }

        if (change.Type != StoreEventType.Deleted)
            Add(change.Object);
    }

    public void Add(StoredObject stored)
    {
        foreach (var owner in stored.Value.OwnerReferences())
            Set(owner).Add(ObjectAddress.Of(stored));
    }

    public IReadOnlyList<ObjectAddress> Dependents(string uid) => _dependents.TryGetValue(uid, out var set) ? [.. set] : [];

    private HashSet<ObjectAddress> Set(JsonObject owner)
    {
        var uid = owner.TextAt("uid") ?? "";
        if (!_dependents.TryGetValue(uid, out var set))
            _dependents[uid] = set = [];
        return set;
    }
}

internal sealed record ObjectAddress(GroupResource Resource, string? Namespace, string Name)
{
    public static ObjectAddress Of(StoredObject stored) => new(stored.Resource, stored.Namespace, stored.Name);
}
