namespace K8sQueue.Core.Schedules;

/// <summary>What a due schedule does.</summary>
/// <param name="Starts">The due times of the starts that it makes, oldest first.</param>
/// <param name="Next">When it is due again; null for never.</param>
/// <param name="LeftOut">Whether times were left out.</param>
/// <param name="ValidUntil">The broker's time at which it would do something else.</param>
public sealed record ScheduleFiring(IReadOnlyList<DateTimeOffset> Starts, DateTimeOffset? Next, bool LeftOut, DateTimeOffset ValidUntil)
{
    /// <summary>Decides for a schedule whose time has come.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="times">Its times.</param>
    /// <param name="due">Its time that was next.</param>
    /// <param name="now">The broker's time.</param>
    public static ScheduleFiring Decide(JobSchedule schedule, ScheduleTimes times, DateTimeOffset due, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentNullException.ThrowIfNull(times);
        var next = times.Next(now);
        var earliest = schedule.Misfire == MisfirePolicy.Skip && now - due > schedule.MisfireGrace ? now - schedule.MisfireGrace : due;
        var starts = times.Latest(earliest, now, schedule.Misfire == MisfirePolicy.FireOnce ? 1 : ScheduleLimits.MaxStarts);

        // A zone whose rules have changed meanwhile: it came due as it was promised.
        if (starts.Count == 0 && earliest == due)
            starts = [due];
        return new ScheduleFiring(starts, next, starts.Count == 0 || starts[0] > due, ValidUntilOf(schedule, starts, next));
    }

    private static DateTimeOffset ValidUntilOf(JobSchedule schedule, IReadOnlyList<DateTimeOffset> starts, DateTimeOffset? next)
    {
        if (schedule.Misfire == MisfirePolicy.FireAll)
            return DateTimeOffset.MaxValue;
        var end = next ?? DateTimeOffset.MaxValue;
        if (schedule.Misfire == MisfirePolicy.Skip && starts.Count > 0 && starts[0] + schedule.MisfireGrace is var late && late < end)
            end = late.AddMilliseconds(1);
        return end;
    }
}
