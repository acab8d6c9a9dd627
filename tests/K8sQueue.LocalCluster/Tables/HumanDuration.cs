using System.Globalization;

namespace K8sQueue.LocalCluster.Tables;

/// <summary>Ages as kubectl shows them (k8s.io/apimachinery/pkg/util/duration).</summary>
internal static class HumanDuration
{
    public static string Since(DateTimeOffset? start, DateTimeOffset now) => start is { } at ? Of(now - at) : "<unknown>";

    public static string Of(TimeSpan age)
    {
        var seconds = (long)age.TotalSeconds;
        if (seconds < -1)
            return "<invalid>";
        if (seconds < 0)
            return "0s";
        var (minutes, hours) = (seconds / 60, seconds / 3600);
        var (days, years) = (hours / 24, hours / 24 / 365);
        return seconds switch
        {
            < 120 => Text(seconds, "s"),
            < 600 => Two(minutes, "m", seconds % 60, "s"),
            < 3 * 3600 => Text(minutes, "m"),
            < 8 * 3600 => Two(hours, "h", minutes % 60, "m"),
            < 48 * 3600 => Text(hours, "h"),
            _ when hours < 192 => Two(days, "d", hours % 24, "h"),
            _ when days < 365 * 2 => Text(days, "d"),
            _ when days < 365 * 8 => Two(years, "y", days % 365, "d"),
            _ => Text(years, "y"),
        };
    }

    private static string Two(long large, string largeUnit, long small, string smallUnit) =>
        small == 0 ? Text(large, largeUnit) : Text(large, largeUnit) + Text(small, smallUnit);

    private static string Text(long number, string unit) => number.ToString(CultureInfo.InvariantCulture) + unit;
}
