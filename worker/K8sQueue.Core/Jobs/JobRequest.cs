using K8sQueue.Core.Batches;
using K8sQueue.Core.Schedules;

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

    /// <summary>Keeps a second job of the same key out; null for none.</summary>
    public JobDeduplication? Deduplication { get; init; }

    /// <summary>Bounds how many jobs of one key are in the lanes at once; null for no bound.</summary>
    public JobConcurrency? Concurrency { get; init; }

    /// <summary>Words to find the job by: up to <see cref="JobLimits.MaxTags"/> of 1 to <see cref="JobLimits.MaxTagLength"/> characters.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>How long the record of a tracked job outlives its completion, 0 for not at all; null for the queue's setting.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>
    /// What stands in the job's id where other ids have random bits: of it the 80 lowest bits but the last. So whoever is answered the id of a
    /// duplicate sees whether that is the same request (<see cref="JobId.HasFingerprint"/>). Different requests must have different ones, as hashes
    /// are. Null for random bits.
    /// </summary>
    public UInt128? Fingerprint { get; init; }

    /// <summary>What of it only some jobs have; null where it has nothing of that.</summary>
    internal JobTraits? Traits => Deduplication is null && Concurrency is null && Retention is null && Tags.Count == 0 && Stored is null
        && ScheduledRun is null && MemberOf is null && CallbackOf is null
        ? null
        : new JobTraits
        {
            Deduplication = Deduplication,
            Concurrency = Concurrency,
            Retention = Retention,
            Tags = Tags,
            Stored = Stored,
            ScheduledRun = ScheduledRun,
            MemberOf = MemberOf,
            CallbackOf = CallbackOf,
        };

    /// <summary>The batch that the job belongs to.</summary>
    internal BatchId? MemberOf { get; init; }

    /// <summary>The batch that enqueues it.</summary>
    internal BatchId? CallbackOf { get; init; }

    /// <summary>Which start of which schedule the job is.</summary>
    internal ScheduledRun? ScheduledRun { get; init; }

    /// <summary>How <see cref="Payload"/> is to be kept, which is what is kept of it then.</summary>
    internal StoredPayload? Stored { get; init; }

    /// <param name="maxPayloadBytes">The largest payload in bytes.</param>
    /// <exception cref="ArgumentException">A value is out of its range; the message names it.</exception>
    public void ThrowIfInvalid(int maxPayloadBytes = JobLimits.MaxPayloadBytes)
    {
        QueueName.ThrowIfInvalid(Queue);
        if (string.IsNullOrWhiteSpace(Type) || Type.Length > JobLimits.MaxTypeLength || HasControl(Type))
            throw new ArgumentException($"type must be 1 to {JobLimits.MaxTypeLength} characters, none of them a control character.");
        ThrowIfTooLarge(Payload, maxPayloadBytes);
        if (Lane is not (Lane.High or Lane.Normal or Lane.Low))
            throw new ArgumentException($"The lane must be high, normal or low, not {Lane}.");
        if (Delay < TimeSpan.Zero || Delay > JobLimits.MaxDelay)
            throw new ArgumentException($"The delay must be 0 to {JobLimits.MaxDelay.TotalDays:0} days, not {Delay}.");
        if (Timeout is { } timeout && (timeout <= TimeSpan.Zero || timeout > JobLimits.MaxDelay))
            throw new ArgumentException($"The time-out must be above 0 and at most {JobLimits.MaxDelay.TotalDays:0} days, not {timeout}.");
        if (TraceParent is { } trace && (trace.Length > JobLimits.MaxTraceParentLength || !trace.All(IsTraceCharacter)))
            throw new ArgumentException("traceparent is not a W3C trace context: letters, digits and '-' only.");
        if (Retry is null)
            throw new ArgumentException("The retry policy is missing.");
        Retry.ThrowIfInvalid();
        Deduplication?.ThrowIfInvalid();
        Concurrency?.ThrowIfInvalid();
        if (Tags is null || Tags.Count > JobLimits.MaxTags || Tags.Any(t => string.IsNullOrWhiteSpace(t) || t.Length > JobLimits.MaxTagLength || HasControl(t)))
            throw new ArgumentException($"A job has at most {JobLimits.MaxTags} tags of 1 to {JobLimits.MaxTagLength} characters, not all blank, none of them a control character.");
        if (Retention is { } retention && (retention < TimeSpan.Zero || retention > JobLimits.MaxDelay))
            throw new ArgumentException($"The retention must be 0 to {JobLimits.MaxDelay.TotalDays:0} days, not {retention}.");
    }

    internal static void ThrowIfTooLarge(ReadOnlyMemory<byte> payload, int maxPayloadBytes)
    {
        if (payload.Length > maxPayloadBytes)
            throw new ArgumentException($"The payload has {payload.Length} bytes; the limit is {maxPayloadBytes}. Put large data elsewhere and its address into the payload.");
    }

    private static bool HasControl(string text)
    {
        foreach (var c in text)
        {
            if (char.IsControl(c))
                return true;
        }

        return false;
    }

    private static bool IsTraceCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c == '-';
}
