namespace K8sQueue.Core.Jobs;

/// <summary>A job as it stands in a queue.</summary>
public sealed record JobEnvelope
{
    public required JobId Id { get; init; }

    public required string Type { get; init; }

    /// <summary>
    /// UTF-8 JSON. Of a lease whose <see cref="IsPayloadLoaded"/> is false it is not what the producer gave, until
    /// <see cref="Queues.IJobConsumer.LoadAsync"/> has it.
    /// </summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Whether <see cref="Payload"/> is there: a large one is kept apart from its job, and one may be compressed.</summary>
    public bool IsPayloadLoaded => Traits?.Stored is null;

    /// <summary>What loading the payload takes of memory, in bytes; 0 where it is loaded.</summary>
    public long BytesToLoad => Traits?.Stored?.LoadedBytes ?? 0;

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
