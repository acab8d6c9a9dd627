using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.Testing;

namespace K8sQueue.Chart.Tests;

/// <summary>What deploy/monitoring asks Prometheus for is on docs/reference/metrics.md.</summary>
public sealed partial class MonitoringTests
{
    /// <summary>What a scrape adds, or renames.</summary>
    private static readonly string[] OfTheTarget = ["namespace", "exported_namespace", "pod", "job", "instance", "le"];

    private static readonly string Folder = Path.Combine(RepositoryFolder.Root, "deploy", "monitoring");

    private static readonly Dictionary<string, MetricsPage.Metric> Metrics = MetricsPage.Documented().ToDictionary(metric => metric.Name);

    public static TheoryData<string> Expressions => [.. Alerts().Concat(Targets()).Select(query => query.TextAt("expr")!).Distinct()];

    [Theory]
    [MemberData(nameof(Expressions))]
    public void An_expression_is_of_metrics_and_labels_that_there_are(string expression)
    {
        var names = Names(expression).ToList();

        names.Should().NotBeEmpty().And.OnlyContain(name => Metrics.ContainsKey(name));
        var labels = names.SelectMany(name => Metrics[name].Labels).Concat(OfTheTarget);
        Grouped().Matches(expression).SelectMany(by => by.Groups["labels"].Value.Split(", "))
            .Concat(Matcher().Matches(expression).Select(matcher => matcher.Groups["label"].Value)).Should().BeSubsetOf(labels);
        expression.Count(c => c == '(').Should().Be(expression.Count(c => c == ')'));
    }

    [Fact]
    public void Alerts_have_names_of_their_own_a_severity_and_say_what_to_do_by_labels_that_are_left()
    {
        Alerts().Select(alert => alert.TextAt("alert")).Should().OnlyHaveUniqueItems().And.HaveCountGreaterThan(10);
        foreach (var alert in Alerts())
        {
            var name = alert.TextAt("alert")!;
            alert.TextAt("labels", "severity").Should().BeOneOf(["critical", "warning", "info"], name);
            var text = $"{alert.TextAt("annotations", "summary")} {alert.TextAt("annotations", "description")}";
            alert.TextAt("annotations", "description").Should().NotBeNullOrEmpty(name);
            var grouped = Grouped().Matches(alert.TextAt("expr")!);
            var left = grouped.Count > 0 ? grouped.SelectMany(by => by.Groups["labels"].Value.Split(", ")) : ["namespace", "pod"];
            Template().Matches(text).Select(match => match.Groups["label"].Value).Should().BeSubsetOf(left, name);
        }
    }

    [Fact]
    public void The_dashboards_legends_and_variables_are_of_labels_that_are_there_and_its_panels_do_not_overlap()
    {
        foreach (var target in Targets())
            Legend().Matches(target.TextAt("legendFormat")!).Select(match => match.Groups["label"].Value)
                .Should().BeSubsetOf(Grouped().Matches(target.TextAt("expr")!).SelectMany(by => by.Groups["labels"].Value.Split(", ")), target.TextAt("expr"));
        foreach (var variable in Dashboard()["templating"]!["list"]!.AsArray().Where(variable => variable.TextAt("type") == "query"))
        {
            var query = LabelValues().Match(variable.TextAt("query", "query")!);
            Metrics[query.Groups["metric"].Value].Labels.Should().Contain(query.Groups["label"].Value);
        }

        var panels = Dashboard()["panels"]!.AsArray().Select(panel => (JsonObject)panel!).ToList();
        panels.Select(panel => panel["id"]!.ToJsonString()).Should().OnlyHaveUniqueItems();
        panels.SelectMany(Cells).Should().OnlyHaveUniqueItems();
    }

    private static IEnumerable<JsonObject> Alerts() =>
        YamlReader.ReadAll(File.ReadAllText(Path.Combine(Folder, "alerts.yaml"))).Single()["spec"].ObjectsAt("groups").SelectMany(group => group.ObjectsAt("rules"));

    private static JsonNode Dashboard() => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "dashboard.json")))!;

    private static IEnumerable<JsonObject> Targets() => Dashboard().ObjectsAt("panels").SelectMany(panel => panel.ObjectsAt("targets"));

    private static IEnumerable<(long X, long Y)> Cells(JsonObject panel)
    {
        var (x, y, w, h) = (At("x"), At("y"), At("w"), At("h"));
        return from dx in Enumerable.Range(0, w) from dy in Enumerable.Range(0, h) select ((long)x + dx, (long)y + dy);

        int At(string name) => panel["gridPos"]![name]!.GetValue<int>();
    }

    // What is left of PromQL without matchers, groupings, ranges, functions, operators and numbers.
    private static IEnumerable<string> Names(string expression) => Name().Matches(Nothing().Replace(expression, " "))
        .Select(match => Metrics.ContainsKey(match.Value) ? match.Value : HistogramSuffix().Replace(match.Value, ""));

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]|\bby \([^)]*\)|\b(and|or|unless)\b|[a-z_]+(?=\()|\b(sum|max|min|count)(?= by)")]
    private static partial Regex Nothing();

    [GeneratedRegex(@"[a-z_][a-z0-9_]*")]
    private static partial Regex Name();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex HistogramSuffix();

    [GeneratedRegex(@"\bby \((?<labels>[^)]*)\)")]
    private static partial Regex Grouped();

    [GeneratedRegex("[{,](?<label>[a-z_]+)=")]
    private static partial Regex Matcher();

    [GeneratedRegex(@"\$labels\.(?<label>[a-z_]+)")]
    private static partial Regex Template();

    [GeneratedRegex(@"\{\{(?<label>[a-z_]+)\}\}")]
    private static partial Regex Legend();

    [GeneratedRegex(@"^label_values\((?<metric>[a-z0-9_]+), (?<label>[a-z_]+)\)$")]
    private static partial Regex LabelValues();
}
