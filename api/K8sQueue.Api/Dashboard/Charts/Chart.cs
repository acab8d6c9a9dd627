using System.Globalization;
using System.Text;

namespace K8sQueue.Api.Dashboard.Charts;

/// <summary>Lines over time.</summary>
/// <param name="Id">Its id in the page.</param>
/// <param name="Title">What it shows.</param>
/// <param name="Unit">What a value counts.</param>
/// <param name="Lines">The lines, as many values each.</param>
/// <param name="Start">When the first value's step begins.</param>
/// <param name="Step">How long each value's step is.</param>
public sealed record Chart(string Id, string Title, string Unit, IReadOnlyList<ChartLine> Lines, DateTimeOffset Start, TimeSpan Step)
{
    /// <summary>Whether there is a value at all.</summary>
    public bool IsEmpty => Lines.All(line => line.Values.All(value => value is null));

    /// <summary>What a value of the lines counts that have a scale of their own, on the right; null where there are none.</summary>
    public string? RightUnit => Lines.FirstOrDefault(line => line.RightUnit is not null)?.RightUnit;

    /// <summary>The value at the upper edge for a line: the largest of all that share its scale, at least 1.</summary>
    public double MostOf(string? rightUnit) =>
        Math.Max(1, Lines.Where(line => line.RightUnit == rightUnit).SelectMany(line => line.Values).Max() ?? 1);
}

/// <param name="Name">What it shows.</param>
/// <param name="Style">Its colour's class.</param>
/// <param name="Values">A value a step; null where it is not known.</param>
/// <param name="RightUnit">What a value counts, where its scale is the one on the right; null for the chart's own.</param>
public sealed record ChartLine(string Name, string Style, IReadOnlyList<double?> Values, string? RightUnit = null);

/// <summary>Where the points of a line are.</summary>
internal static class ChartPath
{
    /// <summary>The <c>d</c> of an SVG path: a stroke for each run of values that are known.</summary>
    /// <param name="values">The values.</param>
    /// <param name="most">The value at the upper edge.</param>
    /// <param name="width">How wide it is.</param>
    /// <param name="height">How high it is.</param>
    public static string Of(IReadOnlyList<double?> values, double most, int width, int height)
    {
        var path = new StringBuilder();
        var pen = false;
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] is { } value)
            {
                var x = values.Count < 2 ? 0 : (double)i / (values.Count - 1) * width;
                var y = height - (Math.Clamp(value / most, 0, 1) * height);
                path.Append(CultureInfo.InvariantCulture, $"{(pen ? 'L' : 'M')}{x:0.#} {y:0.#}");

                // A lone value is a dot.
                if (!pen && (i + 1 == values.Count || values[i + 1] is null))
                    path.Append("h0.1");
            }

            pen = values[i] is not null;
        }

        return path.ToString();
    }
}
