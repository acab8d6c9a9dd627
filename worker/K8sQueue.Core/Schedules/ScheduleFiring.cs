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
    /// <param name="interval">How often somebody looks: see <see cref="ScheduleLimits.LeastGraceLooks"/>.</param>
    public static ScheduleFiring Decide(JobSchedule schedule, ScheduleTimes times, DateTimeOffset due, DateTimeOffset now, TimeSpan interval)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentNullException.ThrowIfNull(times);
        var next = times.Next(now);
        var least = ScheduleLimits.LeastGraceLooks * interval;
        var grace = schedule.MisfireGrace > least ? schedule.MisfireGrace : least;
        var earliest = schedule.Misfire == MisfirePolicy.Skip && now - due > grace ? now - grace : due;
        var starts = times.Latest(earliest, now, schedule.Misfire == MisfirePolicy.FireOnce ? 1 : ScheduleLimits.MaxStarts);

        // A zone whose rules have changed meanwhile: it came due as it was promised.
        if (starts.Count == 0 && earliest == due)
            starts = [due];
        return new ScheduleFiring(starts, next, starts.Count == 0 || starts[0] > due, ValidUntilOf(schedule.Misfire, grace, starts, next));
    }

    private static DateTimeOffset ValidUntilOf(MisfirePolicy misfire, TimeSpan grace, IReadOnlyList<DateTimeOffset> starts, DateTimeOffset? next)
    {
        if (misfire == MisfirePolicy.FireAll)
            return DateTimeOffset.MaxValue;
        var end = next ?? DateTimeOffset.MaxValue;
        if (misfire == MisfirePolicy.Skip && starts.Count > 0 && starts[0] + grace is var late && late < end)
            end = late.AddMilliseconds(1);
        return end;
    }
}
