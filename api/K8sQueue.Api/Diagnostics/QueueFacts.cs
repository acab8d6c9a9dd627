using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Diagnostics;

/// <summary>A queue as it is, and as it was.</summary>
/// <param name="Now">Its counts.</param>
internal sealed record QueueFacts(QueueStatistics Now)
{
    /// <summary>Its counts some minutes ago; null where this API has not seen it for as long.</summary>
    public QueueStatistics? Before { get; init; }

    /// <summary>How long ago that was.</summary>
    public TimeSpan Span { get; init; }

    /// <summary>Keys of other queue systems for a queue of the same name.</summary>
    public IReadOnlyList<string> ForeignKeys { get; init; } = [];

    /// <summary>Pods and hosts whose workers read it, those in an API's process included; empty where there is one at most.</summary>
    public IReadOnlyList<string> Workers { get; init; } = [];

    public string Name => Now.Queue;
}
