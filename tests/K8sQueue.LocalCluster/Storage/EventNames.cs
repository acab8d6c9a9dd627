namespace K8sQueue.LocalCluster.Storage;

internal static class EventNames
{
    /// <summary>The type as a watch says it.</summary>
    public static string Of(StoreEventType type) => type switch
    {
        StoreEventType.Added => "ADDED",
        StoreEventType.Modified => "MODIFIED",
        _ => "DELETED",
    };
}
