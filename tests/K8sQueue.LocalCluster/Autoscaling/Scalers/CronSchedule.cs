using System.Globalization;

namespace K8sQueue.LocalCluster.Autoscaling.Scalers;

/// <summary>A five-field cron expression: lists, ranges, steps, and names of months and days.</summary>
internal sealed class CronSchedule
{
    private const int SearchYears = 5;
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    private readonly HashSet<int> _minutes;
    private readonly HashSet<int> _hours;
    private readonly HashSet<int> _daysOfMonth;
    private readonly HashSet<int> _months;
    private readonly HashSet<int> _daysOfWeek;
    private readonly bool _eitherDay;

    private CronSchedule(string[] fields)
    {
        _minutes = Field(fields[0], 0, 59, [], 0);
        _hours = Field(fields[1], 0, 23, [], 0);
        _daysOfMonth = Field(fields[2], 1, 31, [], 0);
        _months = Field(fields[3], 1, 12, Months, 1);
        _daysOfWeek = [.. Field(fields[4], 0, 7, Days, 0).Select(d => d % 7)];

        // Where both are restricted, either suffices.
        _eitherDay = fields[2][0] is not ('*' or '?') && fields[4][0] is not ('*' or '?');
    }

    /// <exception cref="FormatException">It is not such an expression.</exception>
    public static CronSchedule Parse(string expression)
    {
        var fields = expression.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length == 5
            ? new CronSchedule(fields)
            : throw new FormatException($"expected exactly 5 fields, found {fields.Length}: [{string.Join(' ', fields)}]");
    }

    /// <summary>The first time after this one; null where there is none for years.</summary>
    public DateTimeOffset? Next(DateTimeOffset after, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(after, zone).DateTime;
        var candidate = new DateTime(local.Year, local.Month, local.Day, local.Hour, local.Minute, 0, DateTimeKind.Unspecified).AddMinutes(1);
        var limit = candidate.AddYears(SearchYears);
        while (candidate < limit)
        {
            if (!_months.Contains(candidate.Month) || !IsDay(candidate))
                candidate = candidate.Date.AddDays(1);
            else if (!_hours.Contains(candidate.Hour))
                candidate = candidate.Date.AddHours(candidate.Hour + 1);
            else if (!_minutes.Contains(candidate.Minute) || zone.IsInvalidTime(candidate))
                candidate = candidate.AddMinutes(1);
            else
                return new DateTimeOffset(candidate, zone.GetUtcOffset(candidate));
        }

        return null;
    }

    private bool IsDay(DateTime time)
    {
        var (month, week) = (_daysOfMonth.Contains(time.Day), _daysOfWeek.Contains((int)time.DayOfWeek));
        return _eitherDay ? month || week : month && week;
    }

    private static HashSet<int> Field(string field, int lowest, int highest, string[] names, int firstName)
    {
        var values = new HashSet<int>();
        foreach (var part in field.Split(','))
        {
            var (range, step) = part.Split('/') switch
            {
                [var whole] => (whole, 0),
                [var whole, var by] => (whole, Value(by, 1, highest, [], 0)),
                _ => throw new FormatException($"too many slashes: {part}"),
            };
            var (from, to) = range.Split('-') switch
            {
                ["*" or "?"] => (lowest, highest),
                [var single] => (Value(single, lowest, highest, names, firstName), step > 0 ? highest : Value(single, lowest, highest, names, firstName)),
                [var first, var last] => (Value(first, lowest, highest, names, firstName), Value(last, lowest, highest, names, firstName)),
                _ => throw new FormatException($"too many hyphens: {part}"),
            };
            if (from > to)
                throw new FormatException($"beginning of range ({from}) beyond end of range ({to}): {part}");
            for (var value = from; value <= to; value += Math.Max(1, step))
                values.Add(value);
        }

        return values;
    }

    private static int Value(string text, int lowest, int highest, string[] names, int firstName)
    {
        var named = Array.FindIndex(names, n => string.Equals(n, text, StringComparison.OrdinalIgnoreCase));
        if (named >= 0)
            return named + firstName;
        return int.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= lowest && value <= highest
            ? value
            : throw new FormatException($"\"{text}\" is not between {lowest} and {highest}");
    }
}
