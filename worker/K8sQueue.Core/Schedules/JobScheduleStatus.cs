using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Schedules;

/// <summary>Whether a schedule fires.</summary>
public enum ScheduleState
{
    /// <summary>It fires at its next time.</summary>
    Active,

    /// <summary>It does not fire until it is resumed.</summary>
    Paused,

    /// <summary>Its expression has no time left.</summary>
    Ended,

    /// <summary>This program can't work with it: <see cref="JobScheduleStatus.Problem"/> says why. Another one may.</summary>
    Invalid,
}

/// <summary>A schedule and where it stands.</summary>
public sealed record JobScheduleStatus
{
    public required string Queue { get; init; }

    public required string Name { get; init; }

    public required ScheduleState State { get; init; }

    /// <summary>Another one whenever it is put, paused or resumed, and not when it fires. See <see cref="ScheduleCondition"/>.</summary>
    public required string Revision { get; init; }

    /// <summary>What was put; null where it can't be read.</summary>
    public JobSchedule? Schedule { get; init; }

    /// <summary>When it fires next, by the broker's clock; null where it does not.</summary>
    public DateTimeOffset? NextFireAt { get; init; }

    /// <summary>The due time of its last start. One that was triggered by hand does not count.</summary>
    public DateTimeOffset? LastFireAt { get; init; }

    /// <summary>The job of its last start.</summary>
    public JobId? LastJob { get; init; }

    /// <summary>What is wrong with it.</summary>
    public string? Problem { get; init; }
}
