using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Workers;

/// <summary>A consumer of a queue, as the broker sees it. A worker of several queues is there for each.</summary>
internal sealed record WorkerDocument
{
    public required string Queue { get; init; }

    /// <summary>The consumer's name: that of its pod, or host, and one for each start of the process.</summary>
    public required string Name { get; init; }

    /// <summary>The pod, or the host, that it runs on.</summary>
    public required string Pod { get; init; }

    /// <summary>Jobs of the queue that it runs, or has fetched to run next.</summary>
    public required int InFlight { get; init; }

    /// <summary>How long ago it renewed its leases.</summary>
    public required double LeaseAgeSeconds { get; init; }

    public static WorkerDocument From(string queue, QueueConsumer consumer) => new()
    {
        Queue = queue,
        Name = consumer.Name,
        Pod = PodOf(consumer.Name),
        InFlight = consumer.InFlight,
        LeaseAgeSeconds = Math.Round(consumer.LastSeen.TotalSeconds, 3),
    };

    /// <summary>A worker's name is its pod's, a dot, and the boot id.</summary>
    public static string PodOf(string consumer) => consumer.LastIndexOf('.') is > 0 and var dot ? consumer[..dot] : consumer;
}

/// <summary>The consumers of a page of queues, by queue, those seen last first.</summary>
/// <param name="Workers">The consumers.</param>
/// <param name="Next">Give it as <c>after</c> for the next page; null on the last one.</param>
internal sealed record WorkerPage(IReadOnlyList<WorkerDocument> Workers, string? Next);
