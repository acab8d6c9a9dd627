using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Schedules;

/// <summary>A job that is enqueued again and again by a calendar. It belongs to the queue of its job.</summary>
public sealed record JobSchedule
{
    /// <summary>Its name, one of its queue's. See <see cref="ScheduleLimits.NameRule"/>.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// When: a Quartz expression of 6 or 7 fields, seconds first (<c>0 30 4 ? * MON-FRI</c>), a crontab line of 5 fields
    /// (<c>30 4 * * 1-5</c>), or a macro (<c>@daily</c>). See <see cref="CronText"/>.
    /// </summary>
    public required string Cron { get; init; }

    /// <summary>The IANA time zone of <see cref="Cron"/>. The default value is <c>UTC</c>.</summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>What is done where times have passed unserved. The default value is <see cref="MisfirePolicy.FireOnce"/>.</summary>
    public MisfirePolicy Misfire { get; init; } = MisfirePolicy.FireOnce;

    /// <summary>
    /// How late a start may be under <see cref="MisfirePolicy.Skip"/>, up to 365 days. Less than three looks of housekeeping (3 seconds) counts as
    /// so much. The default value is 60 seconds.
    /// </summary>
    public TimeSpan MisfireGrace { get; init; } = ScheduleLimits.DefaultGrace;

    /// <summary>Whether it starts while its last job is not done. The default value is <see cref="ScheduleOverlap.Allow"/>.</summary>
    public ScheduleOverlap Overlap { get; init; } = ScheduleOverlap.Allow;

    /// <summary>The job, without a delay, and without a deduplication key of its own where <see cref="Overlap"/> is <see cref="ScheduleOverlap.Skip"/>.</summary>
    public required JobRequest Job { get; init; }

    /// <param name="maxPayloadBytes">The largest payload in bytes that the broker takes.</param>
    /// <exception cref="ArgumentException">A value is out of its range; the message names it.</exception>
    public void ThrowIfInvalid(int maxPayloadBytes = JobLimits.MaxPayloadBytes)
    {
        ScheduleLimits.ThrowIfNoName(Name);
        if (!CronText.TryParse(Cron, out _, out var trouble))
            throw new ArgumentException(trouble);
        if (!ScheduleZone.TryFind(TimeZone, out _))
            throw new ArgumentException(ScheduleZone.Unknown(TimeZone));
        if (!Enum.IsDefined(Misfire) || !Enum.IsDefined(Overlap))
            throw new ArgumentException($"There is no misfire policy {Misfire}, or no overlap {Overlap}.");
        if (MisfireGrace < TimeSpan.Zero || MisfireGrace > JobLimits.MaxDelay)
            throw new ArgumentException($"The misfire grace must be 0 to {JobLimits.MaxDelay.TotalDays:0} days, not {MisfireGrace}.");
        if (Job is null)
            throw new ArgumentException("The job is missing.");
        Job.ThrowIfInvalid(Math.Min(maxPayloadBytes, ScheduleLimits.MaxPayloadBytes));
        if (Job.Delay != TimeSpan.Zero)
            throw new ArgumentException("The job of a schedule has no delay: it starts when it is due.");
        if (Overlap == ScheduleOverlap.Skip && Job.Deduplication is not null)
            throw new ArgumentException("Where a schedule skips overlaps its job has a deduplication key of the schedule's: it can't have another.");
    }

    /// <summary>The job of one start.</summary>
    internal JobRequest JobAt(DateTimeOffset time) => Job with
    {
        ScheduledRun = new ScheduledRun(Name, time),
        Deduplication = Overlap == ScheduleOverlap.Skip ? new JobDeduplication(KeyOf(Name), UntilDone: true) : Job.Deduplication,
    };

    /// <summary>The deduplication key of a schedule that skips overlaps.</summary>
    public static string KeyOf(string name) => "schedule:" + name;
}

/// <summary>What is done where times have passed unserved: nobody did the housekeeping, or the broker was away.</summary>
public enum MisfirePolicy
{
    /// <summary>One start for all of them, as of the last one.</summary>
    FireOnce,

    /// <summary>Those that are missed by more than <see cref="JobSchedule.MisfireGrace"/> are left out; the others start.</summary>
    Skip,

    /// <summary>Each starts; of more than <see cref="ScheduleLimits.MaxStarts"/> the last ones.</summary>
    FireAll,
}

/// <summary>Whether jobs of one schedule may be under way side by side.</summary>
public enum ScheduleOverlap
{
    /// <summary>They may.</summary>
    Allow,

    /// <summary>A start is left out while the last one is not done. See <see cref="JobSchedule.KeyOf"/>.</summary>
    Skip,
}
