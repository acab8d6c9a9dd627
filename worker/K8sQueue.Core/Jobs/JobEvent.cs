namespace K8sQueue.Core.Jobs;

/// <summary>What became of a job.</summary>
public enum JobEventKind
{
    Added,
    Started,
    Progress,
    Completed,

    /// <summary>An attempt failed, and there is another one.</summary>
    Failed,

    /// <summary>It is a dead letter.</summary>
    Buried,

    /// <summary>Its worker was lost, and it runs again.</summary>
    Recovered,

    /// <summary>Its worker handed it back.</summary>
    Released,
    Cancelled,

    /// <summary>It was a dead letter, and runs again.</summary>
    Redriven,
}

/// <summary>Something that became of a tracked job.</summary>
public sealed record JobEvent
{
    /// <summary>How much of an error an event has, in bytes; the record has all of it.</summary>
    public const int MaxErrorBytes = 1000;

    public required JobEventId Id { get; init; }

    public required JobId Job { get; init; }

    public required JobEventKind Kind { get; init; }

    /// <summary>When, by the broker's clock.</summary>
    public DateTimeOffset At => DateTimeOffset.FromUnixTimeMilliseconds(Id.Time);

    /// <summary>The job's type, where it was added.</summary>
    public string? Type { get; init; }

    /// <summary>The attempt that started or failed.</summary>
    public int? Attempt { get; init; }

    /// <summary>Who started it.</summary>
    public string? Consumer { get; init; }

    /// <summary>How long until the next attempt, where one failed.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>Why it failed or was buried.</summary>
    public string? Error { get; init; }

    /// <summary>Why it was buried: one of <see cref="DeadLetterReasons"/>.</summary>
    public string? Reason { get; init; }

    /// <summary>How often its worker was lost, where it was.</summary>
    public int? Crashes { get; init; }

    /// <summary>How far it is.</summary>
    public double? Share { get; init; }

    /// <summary>What was said beside that.</summary>
    public string? Note { get; init; }
}

/// <summary>Events in their order.</summary>
/// <param name="Events">The events.</param>
/// <param name="Last">Give it for those that follow.</param>
public sealed record JobEventPage(IReadOnlyList<JobEvent> Events, JobEventId Last);
