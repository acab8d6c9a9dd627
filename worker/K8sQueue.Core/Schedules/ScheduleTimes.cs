using Quartz;

namespace K8sQueue.Core.Schedules;

/// <summary>
/// The times of an expression in a zone. One that the clocks jump over is the moment when they do; one that they show twice is the first of the
/// two, but for expressions with a wildcard, a step or a range in hours or below, which go on through both.
/// </summary>
public sealed class ScheduleTimes
{
    private const int SecondsToHours = 3;

    // Quartz finds no way out of a day that a zone leaves out altogether (Samoa, 30 December 2011).
    private static readonly TimeSpan LongestGap = TimeSpan.FromHours(48);

    private readonly CronExpression _expression;
    private readonly bool _goesThroughBoth;

    public ScheduleTimes(CronExpression expression, TimeZoneInfo zone)
    {
        ArgumentNullException.ThrowIfNull(expression);
        _expression = expression.WithTimeZone(zone);
        _goesThroughBoth = expression.CronExpressionString.Split(' ', SecondsToHours + 1)[..SecondsToHours].Any(f => f.AsSpan().ContainsAny('*', '/', '-'));
    }

    /// <summary>The times of a schedule; null where this system can't tell them, and why.</summary>
    public static ScheduleTimes? Of(JobSchedule schedule, out string? trouble)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        if (!CronText.TryParse(schedule.Cron, out var expression, out trouble))
            return null;
        if (ScheduleZone.TryFind(schedule.TimeZone, out var zone))
            return new ScheduleTimes(expression, zone);
        trouble = ScheduleZone.Unknown(schedule.TimeZone);
        return null;
    }

    /// <summary>The first time after another one; null where there is none any more.</summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        var next = Found(after);
        while (next is { } time && IsRepeated(time))
            next = Found(time);
        return next;
    }

    /// <summary>The last times from one on to another, both included, oldest first.</summary>
    /// <param name="from">No time before it.</param>
    /// <param name="until">No time after it.</param>
    /// <param name="max">How many at most.</param>
    public IReadOnlyList<DateTimeOffset> Latest(DateTimeOffset from, DateTimeOffset until, int max)
    {
        // There may be millions of them, so where the last ones begin is found by halving, and never more than max are counted. Times are whole seconds.
        var (low, high) = (from.AddTicks(-1), until);
        var first = Following(low, until, max);
        if (first.Count < max)
            return first;
        while (high - low > TimeSpan.FromSeconds(1))
        {
            var middle = low + ((high - low) / 2);
            if (Following(middle, until, max).Count < max)
                high = middle;
            else
                low = middle;
        }

        var last = Following(low, until, max + 2);
        return last[^max..];
    }

    // Asked from within an hour that comes again, Quartz answers what it does not come to from the first one.
    private bool IsRepeated(DateTimeOffset time)
    {
        if (_goesThroughBoth)
            return false;
        var zone = _expression.TimeZone;
        var shown = TimeZoneInfo.ConvertTime(time, zone).DateTime;
        return zone.IsAmbiguousTime(shown) && time != new DateTimeOffset(shown, zone.GetAmbiguousTimeOffsets(shown).Max());
    }

    private DateTimeOffset? Found(DateTimeOffset after)
    {
        for (var ahead = TimeSpan.Zero; ahead <= LongestGap && after < DateTimeOffset.MaxValue - ahead; ahead += TimeSpan.FromHours(1))
        {
            var next = _expression.GetNextValidTimeAfter(after + ahead);
            if (next is null || next > after)
                return next?.ToUniversalTime();
        }

        return null;
    }

    private List<DateTimeOffset> Following(DateTimeOffset after, DateTimeOffset until, int max)
    {
        var found = new List<DateTimeOffset>();
        while (found.Count < max && Next(after) is { } next && next <= until)
            found.Add(after = next);
        return found;
    }
}
