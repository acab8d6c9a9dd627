using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Selectors;
using K8sQueue.LocalCluster.Storage;

namespace K8sQueue.LocalCluster.Operations;

/// <summary>Which objects a list or a watch is about.</summary>
internal sealed record ObjectFilter(ResourceEndpoint Endpoint, string? Namespace, LabelSelector Labels, FieldSelector Fields)
{
    public bool Matches(StoredObject stored) =>
        (string.IsNullOrEmpty(Namespace) || stored.Namespace == Namespace)
        && (Fields.Name is null || Fields.Name == stored.Name)
        && Labels.Matches(stored.Value.MapAt("metadata", "labels"))
        && (ReferenceEquals(Fields, FieldSelector.Everything) || Fields.Matches(Endpoint.FromStorage(stored.Value)));

    /// <summary>A change as those see it who see only matching objects: one that stops matching is deleted to them. Null: not theirs.</summary>
    public StoreEventType? Seen(StoreEvent change)
    {
        var now = change.Type != StoreEventType.Deleted && Matches(change.Object);
        var before = change.Previous is { } previous && Matches(previous);
        return (before, now) switch
        {
            (false, true) => StoreEventType.Added,
            (true, true) => StoreEventType.Modified,
            (true, false) => StoreEventType.Deleted,
            _ => null,
        };
    }
}
