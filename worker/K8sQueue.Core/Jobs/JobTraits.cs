using K8sQueue.Core.Batches;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Core.Jobs;

/// <summary>What only some jobs have.</summary>
public sealed record JobTraits
{
    public JobDeduplication? Deduplication { get; init; }

    public JobConcurrency? Concurrency { get; init; }

    /// <summary>Words to find a job by.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>How long a tracked job's record outlives its completion, where that is not the queue's setting.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>Which start of which schedule it is.</summary>
    public ScheduledRun? ScheduledRun { get; init; }

    /// <summary>The batch that it belongs to, which hears of its end.</summary>
    public BatchId? MemberOf { get; init; }

    /// <summary>The batch whose end enqueued it.</summary>
    public BatchId? CallbackOf { get; init; }

    /// <summary>How its payload is kept; null where it is in the entry as it is.</summary>
    internal StoredPayload? Stored { get; init; }

    /// <summary>Whether anything of it matters when the job ends.</summary>
    internal bool MattersAtEnd => Deduplication is { UntilDone: true } || Concurrency is not null || Retention is not null || MemberOf is not null
        || Stored?.ApartBytes is not null;
}
