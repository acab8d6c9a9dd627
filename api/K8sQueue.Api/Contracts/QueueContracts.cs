using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Contracts;

/// <summary>A queue's counts.</summary>
internal sealed record QueueDocument
{
    public required string Queue { get; init; }

    public required bool Paused { get; init; }

    /// <summary>What the autoscaler follows: waiting and in flight, zero while paused.</summary>
    public required long Demand { get; init; }

    public required long Waiting { get; init; }

    public required long InFlight { get; init; }

    public required long Delayed { get; init; }

    /// <summary>Jobs that wait for a slot of their concurrency key.</summary>
    public required long Parked { get; init; }

    public required long DeadLetters { get; init; }

    public required int Consumers { get; init; }

    /// <summary>The age of the oldest job that waits or runs; null where there is none.</summary>
    public double? OldestAgeSeconds { get; init; }

    public required QueueTotals Totals { get; init; }

    public static QueueDocument From(QueueStatistics statistics) => new()
    {
        Queue = statistics.Queue,
        Paused = statistics.Backlog.Paused,
        Demand = statistics.Backlog.Demand,
        Waiting = statistics.Backlog.Waiting,
        InFlight = statistics.Backlog.InFlight,
        Delayed = statistics.Delayed,
        Parked = statistics.Parked,
        DeadLetters = statistics.DeadLetters,
        Consumers = statistics.Consumers,
        OldestAgeSeconds = statistics.OldestAge?.TotalSeconds,
        Totals = new QueueTotals(
            statistics.EnqueuedTotal,
            statistics.StartedTotal,
            statistics.CompletedTotal,
            statistics.RetriedTotal,
            statistics.RecoveredTotal,
            statistics.ReleasedTotal,
            statistics.BuriedTotal,
            statistics.RedrivenTotal,
            statistics.CancelledTotal,
            statistics.StoppedTotal),
    };
}

/// <summary>
/// Counts that only grow. Started = jobs + retried + recovered + released + redriven, less those that were cancelled and not stopped, once all are done.
/// </summary>
internal sealed record QueueTotals(
    long Enqueued, long Started, long Completed, long Retried, long Recovered, long Released, long Buried, long Redriven, long Cancelled, long Stopped);

/// <summary>What became of the jobs that waited in a queue.</summary>
/// <param name="Drained">How many were cancelled; missing of a dry run.</param>
/// <param name="Remaining">How many wait now: drain again while there are some.</param>
internal sealed record DrainedDocument(int? Drained, long Remaining);

/// <summary>A page of queues, by name.</summary>
/// <param name="Queues">The queues.</param>
/// <param name="Next">Give it as <c>after</c> for the next page; null on the last one.</param>
internal sealed record QueuePage(IReadOnlyList<QueueDocument> Queues, string? Next);
