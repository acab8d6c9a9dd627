namespace K8sQueue.Core.Capacity;

/// <summary>To which minutes jobs belong that arrived between two looks. report.lua does the same.</summary>
internal static class ArrivalRules
{
    /// <summary>Minutes since 1970 and how many of the jobs each gets, by its part of the time between; all get exactly what there is.</summary>
    public static IEnumerable<(long Minute, long Jobs)> Spread(DateTimeOffset from, DateTimeOffset until, long jobs)
    {
        var (start, end) = (from.ToUnixTimeMilliseconds(), until.ToUnixTimeMilliseconds());
        var last = MinuteOf(until);
        var given = 0L;
        for (var minute = MinuteOf(from); minute <= last; minute++)
        {
            var reached = minute == last ? jobs : jobs * (((minute + 1) * 60_000) - start) / (end - start);
            if (reached > given)
                yield return (minute, reached - given);
            given = reached;
        }
    }

    /// <summary>The minute since 1970 in which a time is.</summary>
    public static long MinuteOf(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 60_000;

    /// <summary>When a minute since 1970 begins.</summary>
    public static DateTimeOffset StartOf(long minute) => DateTimeOffset.FromUnixTimeMilliseconds(minute * 60_000);
}
