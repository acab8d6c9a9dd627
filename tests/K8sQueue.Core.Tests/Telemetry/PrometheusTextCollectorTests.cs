using System.Diagnostics.Metrics;
using K8sQueue.Core.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Core.Tests.Telemetry;

public sealed class PrometheusTextCollectorTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection()
        .AddK8sQueueMetrics(o => o.MaxSeriesPerMetric = 3)
        .BuildServiceProvider();

    private readonly PrometheusTextCollector _collector;
    private readonly Meter _meter;

    public PrometheusTextCollectorTests()
    {
        _collector = _services.GetRequiredService<PrometheusTextCollector>();
        _meter = _services.GetRequiredService<IMeterFactory>().Create("K8sQueue.Tests");
    }

    public void Dispose() => _services.Dispose();

    [Fact]
    public void A_counter_ends_in_total_and_sums_whatever_the_order_of_its_tags()
    {
        var counter = _meter.CreateCounter<long>("k8squeue.jobs", "{job}", "Jobs that ended.");
        counter.Add(2, new("queue", "emails"), new("outcome", "done"));
        counter.Add(3, new("outcome", "done"), new("queue", "emails"));

        Lines("k8squeue_jobs").Should().Equal(
            "# HELP k8squeue_jobs_total Jobs that ended.",
            "# TYPE k8squeue_jobs_total counter",
            "k8squeue_jobs_total{outcome=\"done\",queue=\"emails\"} 5");
    }

    [Fact]
    public void A_name_that_ends_in_total_already_is_left_alone()
    {
        _meter.CreateCounter<long>("k8squeue_retries_total").Add(1);

        Lines("k8squeue_retries").Should().Contain("k8squeue_retries_total 1");
    }

    [Fact]
    public void The_unit_is_in_the_name_once()
    {
        _meter.CreateGauge<double>("a.age", "s").Record(1.5);
        _meter.CreateGauge<double>("b_age_seconds", "s").Record(2);
        _meter.CreateUpDownCounter<long>("c.memory", "By").Add(7);

        Lines("a_").Should().Contain("a_age_seconds 1.5");
        Lines("b_").Should().Contain("b_age_seconds 2");
        Lines("c_").Should().Contain("c_memory_bytes 7");
    }

    [Fact]
    public void A_histogram_is_cumulative_and_reaches_past_ten_seconds()
    {
        var histogram = _meter.CreateHistogram<double>("d.duration", "s");
        histogram.Record(0.005);
        histogram.Record(42);
        histogram.Record(100_000);

        Lines("d_duration").Should().Contain([
            "# TYPE d_duration_seconds histogram",
            "d_duration_seconds_bucket{le=\"0.005\"} 1",
            "d_duration_seconds_bucket{le=\"10\"} 1",
            "d_duration_seconds_bucket{le=\"60\"} 2",
            "d_duration_seconds_bucket{le=\"3600\"} 2",
            "d_duration_seconds_bucket{le=\"+Inf\"} 3",
            "d_duration_seconds_sum 100042.005",
            "d_duration_seconds_count 3",
        ]);
    }

    [Fact]
    public void A_histogram_takes_the_bounds_that_the_instrument_advises()
    {
        var advice = new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 8] };
        _meter.CreateHistogram("e.batch", null, null, null, advice).Record(8, new KeyValuePair<string, object?>("op", "x"));

        Lines("e_batch").Skip(2).Should().Equal(
            "e_batch_bucket{op=\"x\",le=\"1\"} 0",
            "e_batch_bucket{op=\"x\",le=\"8\"} 1",
            "e_batch_bucket{op=\"x\",le=\"+Inf\"} 1",
            "e_batch_sum{op=\"x\"} 8",
            "e_batch_count{op=\"x\"} 1");
    }

    [Fact]
    public void An_observable_series_that_is_gone_is_no_longer_shown()
    {
        List<Measurement<long>> now = [new(1, new KeyValuePair<string, object?>("queue", "a"))];
        _meter.CreateObservableGauge("f.depth", () => now);
        Lines("f_depth").Should().Contain("f_depth{queue=\"a\"} 1");

        now = [new(4, new KeyValuePair<string, object?>("queue", "b"))];

        Lines("f_depth").Should().Contain("f_depth{queue=\"b\"} 4").And.NotContain(line => line.Contains("\"a\""));
    }

    [Fact]
    public void Label_values_and_help_are_escaped()
    {
        var counter = _meter.CreateCounter<int>("g.count", null, "Back\\slash\nline");
        counter.Add(1, new KeyValuePair<string, object?>("9.type", "a\"b\\c\nd"));

        Lines("g_count").Should().Equal(
            @"# HELP g_count_total Back\\slash\nline",
            "# TYPE g_count_total counter",
            @"g_count_total{_9_type=""a\""b\\c\nd""} 1");
    }

    [Fact]
    public void Label_sets_beyond_the_limit_fold_into_one_series()
    {
        var counter = _meter.CreateCounter<int>("h.count");
        for (var i = 0; i < 10; i++)
            counter.Add(1, new KeyValuePair<string, object?>("job", i));

        Lines("h_count").Skip(2).Should().HaveCount(4).And.Contain("h_count_total{overflow=\"true\"} 7");
    }

    [Fact]
    public void Meters_of_another_host_or_another_name_are_not_shown()
    {
        using var other = new ServiceCollection().AddMetrics().BuildServiceProvider();
        other.GetRequiredService<IMeterFactory>().Create("K8sQueue.Tests").CreateCounter<int>("i.count").Add(1);
        _services.GetRequiredService<IMeterFactory>().Create("System.Something").CreateCounter<int>("i.else").Add(1);

        Lines("i_").Should().BeEmpty();
    }

    [Fact]
    public void The_process_is_shown()
    {
        var text = _collector.Collect();

        text.Should().MatchRegex(@"(?m)^process_resident_memory_bytes \d{7,}$").And.MatchRegex(@"(?m)^process_start_time_seconds \d{10}(\.\d+)?$");
        text.Should().EndWith("\n");
    }

    private string[] Lines(string prefix) =>
    [
        .. _collector.Collect().Split('\n').Where(line =>
            line.StartsWith(prefix, StringComparison.Ordinal)
            || line.StartsWith($"# HELP {prefix}", StringComparison.Ordinal)
            || line.StartsWith($"# TYPE {prefix}", StringComparison.Ordinal)),
    ];
}
