using System.Text.RegularExpressions;

namespace K8sQueue.Testing;

/// <summary>docs/reference/metrics.md, and what <c>/metrics</c> answers, as the same rows.</summary>
public static partial class MetricsPage
{
    /// <summary>What each process shows.</summary>
    public const string EveryProcess = "Every process";

    /// <summary>What whoever opens a queue shows.</summary>
    public const string Client = "The queue's client";

    private static readonly string Text = File.ReadAllText(Path.Combine(RepositoryFolder.Root, "docs", "reference", "metrics.md"));

    /// <summary>The rows of these sections; of the whole page where none is named.</summary>
    public static IReadOnlyList<Metric> Documented(params string[] sections) =>
    [
        .. Text.Split("\n## ").Where(part => sections.Length == 0 || sections.Contains(part.Split('\n')[0], StringComparer.Ordinal))
            .SelectMany(part => Row().Matches(part))
            .Select(row => new Metric(row.Groups["name"].Value, row.Groups["type"].Value, WordsOf(row.Groups["labels"].Value), row.Groups["unit"].Value)),
    ];

    /// <summary>Name and type of all metrics of a text for Prometheus.</summary>
    public static IReadOnlyList<string> Shown(string text) => [.. Type().Matches(text).Select(type => type.Groups["metric"].Value)];

    /// <summary>The series of such a text that have other labels than the page says, where there are series.</summary>
    public static IEnumerable<string> WithOtherLabels(string text)
    {
        var labels = Documented().ToDictionary(metric => metric.Name, metric => metric.Labels);
        foreach (Match series in Series().Matches(text))
        {
            var name = labels.ContainsKey(series.Groups["name"].Value) ? series.Groups["name"].Value : HistogramSuffix().Replace(series.Groups["name"].Value, "");
            var shown = Label().Matches(series.Groups["labels"].Value).Select(label => label.Groups["name"].Value).Where(label => label != "le");
            if (!labels.TryGetValue(name, out var documented) || !documented.Order(StringComparer.Ordinal).SequenceEqual(shown.Order(StringComparer.Ordinal)))
                yield return series.Value;
        }
    }

    private static string[] WordsOf(string labels) => [.. Word().Matches(labels).Select(word => word.Value)];

    /// <param name="Name">As Prometheus has it.</param>
    /// <param name="Type">counter, gauge or histogram.</param>
    /// <param name="Labels">Its labels, without those of the target.</param>
    /// <param name="Unit">What is counted or measured.</param>
    public sealed record Metric(string Name, string Type, IReadOnlyList<string> Labels, string Unit)
    {
        /// <summary>As <see cref="Shown"/> has it.</summary>
        public override string ToString() => $"{Name} {Type}";
    }

    [GeneratedRegex(@"^\| `(?<name>[a-z0-9_]+)` \| (?<type>counter|gauge|histogram) \|(?<labels>[^|\n]*)\| (?<unit>[^|\n]+) \| \S[^|\n]* \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("[a-z_]+")]
    private static partial Regex Word();

    [GeneratedRegex("^# TYPE (?<metric>.*)$", RegexOptions.Multiline)]
    private static partial Regex Type();

    [GeneratedRegex(@"^(?<name>[a-z0-9_]+)(\{(?<labels>.*)\})? \S+$", RegexOptions.Multiline)]
    private static partial Regex Series();

    [GeneratedRegex("(?<name>[a-z_]+)=\"[^\"]*\"")]
    private static partial Regex Label();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex HistogramSuffix();
}
