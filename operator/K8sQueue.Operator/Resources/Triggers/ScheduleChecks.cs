using System.Globalization;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Resources.Triggers;

/// <summary>
/// What a schema can't say of a schedule. KEDA accepts a time zone that there isn't and then fails at every look, and with the formula that
/// takes the queues' demand along.
/// </summary>
internal static class ScheduleChecks
{
    private const string AnyZone = "Europe/Berlin";

    private static readonly string[] Fields = ["minute", "hour", "day of the month", "month", "day of the week"];
    private static readonly string[] Months = ["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    // An image without time zone data knows none.
    private static readonly bool KnowsZones = TimeZoneInfo.TryFindSystemTimeZoneById(AnyZone, out _);

    /// <summary>What is wrong with it: a sentence; null where nothing is.</summary>
    public static string? TroubleOf(ScheduleSpec schedule) =>
        KnowsZones && !TimeZoneInfo.TryFindSystemTimeZoneById(schedule.Timezone, out _)
            ? $"there is no time zone '{schedule.Timezone}', use a name of the IANA such as {AnyZone}"
            : ReversedRange("start", schedule.Start) ?? ReversedRange("end", schedule.End);

    private static string? ReversedRange(string name, string cron)
    {
        foreach (var (field, what) in cron.Split(' ').Zip(Fields))
        {
            var range = field.Split(',').Select(item => item.Split('/')[0]).FirstOrDefault(IsReversed);
            if (range is not null)
                return $"{name} has the range {range} as its {what}, which ends before it begins";
        }

        return null;
    }

    private static bool IsReversed(string range) => range.Split('-') is [var first, var last] && ValueOf(first) > ValueOf(last);

    private static int ValueOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : Math.Max(IndexOf(Months, text), IndexOf(Weekdays, text));

    private static int IndexOf(string[] names, string name) =>
        Array.FindIndex(names, item => string.Equals(item, name, StringComparison.OrdinalIgnoreCase));
}
