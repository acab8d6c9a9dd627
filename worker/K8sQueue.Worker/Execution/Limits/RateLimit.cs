using System.Globalization;
using System.Text.RegularExpressions;

namespace K8sQueue.Worker.Execution;

/// <summary>How many jobs may start in how long, for one worker.</summary>
/// <param name="Jobs">Jobs, at least 1; as many may start at once.</param>
/// <param name="Period">In how long, above 0.</param>
public sealed partial record RateLimit(int Jobs, TimeSpan Period)
{
    /// <summary>The form in words, for error messages.</summary>
    public const string Form = "jobs/period, such as 100/1s, 5/500ms, 30/m or 1000/24h";

    /// <summary>Reads <see cref="Form"/>; null where the text is not of it.</summary>
    public static RateLimit? Parse(string text)
    {
        if (Pattern().Match(text) is not { Success: true } match)
            return null;
        if (!int.TryParse(match.Groups["jobs"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var jobs))
            return null;
        var count = 1;
        if (match.Groups["count"].Length > 0
            && !int.TryParse(match.Groups["count"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out count))
            return null;
        var unit = match.Groups["unit"].Value switch
        {
            "ms" => TimeSpan.FromMilliseconds(1),
            "s" => TimeSpan.FromSeconds(1),
            "m" => TimeSpan.FromMinutes(1),
            _ => TimeSpan.FromHours(1),
        };
        return jobs > 0 && count > 0 ? new RateLimit(jobs, unit * count) : null;
    }

    [GeneratedRegex(@"^(?<jobs>\d{1,9})/(?<count>\d{0,6})(?<unit>ms|s|m|h)$", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
