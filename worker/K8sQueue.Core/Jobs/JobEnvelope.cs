namespace K8sQueue.Core.Jobs;

/// <summary>A job as it stands in a queue.</summary>
public sealed record JobEnvelope
{
    public required JobId Id { get; init; }

    public required string Type { get; init; }

    public required ReadOnlyMemory<byte> Payload { get; init; }

    public required RetryPolicy Retry { get; init; }

    /// <summary>The attempt that this start is, from 1. A hand-back or a recovery does not raise it.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>How often a worker died or was lost while it ran this job. Counted apart from attempts.</summary>
    public int Crashes { get; init; }

    /// <summary>
    /// The fencing token: one more for every successor of the job's entry (retry, hand-back, recovery). A store that
    /// remembers the highest token it saw can refuse a worker that was declared dead and came back.
    /// </summary>
    public long Epoch { get; init; } = 1;

    public Lane Lane { get; init; } = Lane.Normal;

    /// <summary>When the job was accepted, by the broker's clock.</summary>
    public DateTimeOffset EnqueuedAt { get; init; }

    public TimeSpan? Timeout { get; init; }

    public string? TraceParent { get; init; }

    /// <summary>What only some jobs have; null for none of it.</summary>
    public JobTraits? Traits { get; init; }
}
