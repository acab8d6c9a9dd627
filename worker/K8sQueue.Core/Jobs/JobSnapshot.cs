namespace K8sQueue.Core.Jobs;

/// <summary>Where a job stands.</summary>
public enum JobState
{
    Waiting,

    /// <summary>Its concurrency key has as many jobs in the lanes as it may.</summary>
    Parked,
    Delayed,
    Running,
    Completed,
    Dead,
    Cancelled,
}

/// <summary>What there is to say of states.</summary>
public static class JobStates
{
    /// <summary>Whether a job of this state has ended.</summary>
    public static bool IsEnd(this JobState state) => state is JobState.Completed or JobState.Dead or JobState.Cancelled;
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

    /// <summary>When a delayed job may start, where it was found among such.</summary>
    public DateTimeOffset? DueAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The handler's result as UTF-8 JSON, where it gave one.</summary>
    public ReadOnlyMemory<byte>? Result { get; init; }

    /// <summary>The last failure's message.</summary>
    public string? Error { get; init; }

    /// <summary>The producer's W3C <c>traceparent</c>; null where it gave none.</summary>
    public string? TraceParent { get; init; }

    public JobTraits? Traits { get; init; }

    /// <summary>The consumer that ran it last.</summary>
    public string? Consumer { get; init; }

    /// <summary>How far its last attempt is, or was; null where that did not say.</summary>
    public JobProgress? Progress { get; init; }

    /// <summary>What a job itself says.</summary>
    internal static JobSnapshot Of(JobEnvelope job, JobState state) => new()
    {
        Id = job.Id,
        Type = job.Type,
        State = state,
        Attempt = job.Attempt,
        MaxAttempts = job.Retry.MaxAttempts,
        Crashes = job.Crashes,
        Epoch = job.Epoch,
        EnqueuedAt = job.EnqueuedAt,
        TraceParent = job.TraceParent,
        Traits = job.Traits,
    };
}
