using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Kubernetes.Events;

/// <summary>Events that differ only in time are one.</summary>
internal readonly record struct EventKey(string? Uid, string? Namespace, string? Name, string? Kind, string Type, string Reason, string Note)
{
    public static EventKey Of(V1Event value) => new(
        value.Regarding?.Uid,
        value.Regarding?.Namespace,
        value.Regarding?.Name,
        value.Regarding?.Kind,
        value.Type ?? "",
        value.Reason ?? "",
        value.Note ?? "");
}

/// <summary>An event that was written, and how often it came since.</summary>
internal sealed class EventSeries(V1Event written, long seenAt)
{
    public V1Event Written { get; set; } = written;

    public int Count { get; set; } = 1;

    /// <summary>The count that the server knows.</summary>
    public int CountWritten { get; set; } = 1;

    /// <summary>Timestamps of the monotonic clock.</summary>
    public long SeenAt { get; set; } = seenAt;

    public long WrittenAt { get; set; } = seenAt;

    public DateTimeOffset LastObserved { get; set; }
}
