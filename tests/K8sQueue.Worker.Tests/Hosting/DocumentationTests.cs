using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.RegularExpressions;
using K8sQueue.Worker.Hosting;
using K8sQueue.Worker.Telemetry;
using K8sQueue.Worker.Tests.Support;

namespace K8sQueue.Worker.Tests.Hosting;

/// <summary>docs/reference/worker.md is true: its variables, metrics and answers are those of the code.</summary>
public sealed partial class DocumentationTests
{
    [Fact]
    public void The_table_of_variables_is_the_one_of_the_code()
    {
        var documented = Variable().Matches(Section("Environment")).Select(match => match.Groups["name"].Value)
            .Where(name => !name.StartsWith("K8SQUEUE_REDIS_", StringComparison.Ordinal));

        documented.Should().BeEquivalentTo(typeof(WorkerEnvironment).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!));
    }

    [Fact]
    public async Task The_metrics_are_those_of_the_code()
    {
        var instruments = new ConcurrentQueue<Instrument>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == WorkerMetrics.MeterName)
                instruments.Enqueue(instrument);
        };
        listener.Start();
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (_, _) => Task.CompletedTask));
        await worker.EndOfAsync(await worker.EnqueueAsync("t"));

        Metric().Matches(Section("Metrics")).Select(match => match.Groups["name"].Value)
            .Except(["k8squeue_lease_expired_total", "k8squeue_fenced_writes_total"])
            .Should().BeEquivalentTo(instruments.Select(Name).Distinct());
    }

    [Fact]
    public async Task The_answer_of_inflight_has_the_members_that_are_shown()
    {
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (_, _) => Task.CompletedTask));
        var answer = System.Text.Json.JsonDocument.Parse(await worker.Management.GetStringAsync("inflight"));
        var shown = System.Text.Json.JsonDocument.Parse(InFlight().Match(Section("Management port")).Groups["json"].Value);

        shown.RootElement.EnumerateObject().Select(member => member.Name)
            .Should().Equal(answer.RootElement.EnumerateObject().Select(member => member.Name));
    }

    private static string Name(Instrument instrument)
    {
        var name = instrument.Name.Replace('.', '_');
        return instrument switch
        {
            Counter<long> => name + "_total",
            Histogram<double> => name + "_seconds",
            _ => name,
        };
    }

    private static string Section(string title)
    {
        var text = File.ReadAllText(Path.Combine(RepositoryFolder.Root, "docs", "reference", "worker.md"));
        var start = text.IndexOf($"\n## {title}\n", StringComparison.Ordinal);
        start.Should().BePositive($"there is a section {title}");
        var end = text.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
        return end < 0 ? text[start..] : text[start..end];
    }

    [GeneratedRegex(@"^\| `(?<name>K8SQUEUE_\w+)`", RegexOptions.Multiline)]
    private static partial Regex Variable();

    [GeneratedRegex(@"`(?<name>(k8squeue|messaging)_\w+)[`{]")]
    private static partial Regex Metric();

    [GeneratedRegex(@"^\| `GET /inflight` \| `(?<json>\{.*\})`", RegexOptions.Multiline)]
    private static partial Regex InFlight();
}
