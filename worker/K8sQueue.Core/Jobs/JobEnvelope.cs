namespace K8sQueue.Core.Jobs;

/// <summary>What a producer hands over: a job that has no id yet.</summary>
public sealed record JobRequest
{
    /// <summary>The queue. See <see cref="QueueName.Rule"/>.</summary>
    public required string Queue { get; init; }

    /// <summary>The job's type, which selects the handler: 1 to 128 characters, for example <c>email.send</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The payload: UTF-8 JSON. The default limit is 1 MiB (<see cref="JobLimits.MaxPayloadBytes"/>).</summary>
    public ReadOnlyMemory<byte> Payload { get; init; } = "null"u8.ToArray();

    /// <summary>Whether state, result and errors are kept in a record of the job's own. The default value is false.</summary>
    public bool Tracked { get; init; }

    /// <summary>The priority. <see cref="Lane.Returned"/> is refused. The default value is <see cref="Lane.Normal"/>.</summary>
    public Lane Lane { get; init; } = Lane.Normal;

    /// <summary>How long the job waits before it may start, by the broker's clock. The default value is zero.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Attempts and backoff.</summary>
    public RetryPolicy Retry { get; init; } = RetryPolicy.Default;

    /// <summary>How long one attempt may run before it is cancelled and counted as failed; null for no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The producer's W3C <c>traceparent</c>, handed to the handler.</summary>
    public string? TraceParent { get; init; }
}

/// <summary>Limits that producers and brokers share.</summary>
public static class JobLimits
{
    /// <summary>The largest payload in bytes.</summary>
    public const int MaxPayloadBytes = 1024 * 1024;

    /// <summary>The longest job type in characters.</summary>
    public const int MaxTypeLength = 128;

    /// <summary>The longest delay.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromDays(365);
}

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
}

/// <summary>A job that this consumer owns until it says how it ended, or loses it.</summary>
/// <param name="Job">The job.</param>
/// <param name="EntryId">The broker's name of this delivery; it never changes owner.</param>
/// <param name="Lane">The lane in which the entry stands.</param>
/// <param name="Lost">
/// Cancelled when the lease is lost or may be (it was not confirmed for one lease): stop work, its outcome will be refused.
/// </param>
public sealed record JobLease(JobEnvelope Job, string EntryId, Lane Lane, CancellationToken Lost);

/// <summary>Where a job stands.</summary>
public enum JobState
{
    Waiting,
    Delayed,
    Running,
    Completed,
    Dead,
}

/// <summary>A tracked job's record.</summary>
public sealed record JobSnapshot
{
    public required JobId Id { get; init; }

    public required string Type { get; init; }

    public required JobState State { get; init; }

    public int Attempt { get; init; }

    public int MaxAttempts { get; init; }

    public int Crashes { get; init; }

    public long Epoch { get; init; }

    public DateTimeOffset EnqueuedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The handler's result as UTF-8 JSON, where it gave one.</summary>
    public ReadOnlyMemory<byte>? Result { get; init; }

    /// <summary>The last failure's message.</summary>
    public string? Error { get; init; }

    /// <summary>The consumer that ran it last.</summary>
    public string? Consumer { get; init; }
}

/// <summary>A job that will not run again by itself.</summary>
/// <param name="Job">The job as it was at its last start.</param>
/// <param name="Reason">Why it was buried, one of <see cref="DeadLetterReasons"/>.</param>
/// <param name="Error">The last failure, message and stack.</param>
/// <param name="BuriedAt">When, by the broker's clock.</param>
public sealed record DeadLetter(JobEnvelope Job, string Reason, string Error, DateTimeOffset BuriedAt);

/// <summary>Why a job became a dead letter.</summary>
public static class DeadLetterReasons
{
    /// <summary>Every attempt failed.</summary>
    public const string AttemptsExhausted = nameof(AttemptsExhausted);

    /// <summary>The handler said that another attempt makes no sense.</summary>
    public const string Unrecoverable = nameof(Unrecoverable);

    /// <summary>No handler is registered for the job's type.</summary>
    public const string UnknownType = nameof(UnknownType);

    /// <summary>The job took its process with it too often.</summary>
    public const string Poison = nameof(Poison);

    /// <summary>The entry could not be read; its bytes are kept as the payload.</summary>
    public const string Corrupt = nameof(Corrupt);
}
