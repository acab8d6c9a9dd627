using K8sQueue.Api.Dashboard.Charts;
using K8sQueue.Api.Telemetry;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Dashboard;

public sealed class QueueTrendsTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Samples_become_what_happened_between_them()
    {
        var trends = new QueueTrends(_time);
        trends.Add([Sample("a", enqueued: 100, completed: 90), Sample("b", enqueued: 5)]);
        _time.Advance(TimeSpan.FromSeconds(5));
        trends.Add([Sample("a", enqueued: 110, completed: 97, retried: 2, buried: 1, waiting: 4), Sample("b", enqueued: 8)]);

        trends.Of("a", TrendSpan.Hour)[^1].Should().Be(new TrendPoint(10, 7, 3, 4));
        trends.Of(queue: null, TrendSpan.Week)[^1].Should().Be(new TrendPoint(13, 7, 3, 4));
        trends.Of("nobody", TrendSpan.Day).Should().HaveCount(144).And.OnlyContain(point => point == null);
    }

    [Fact]
    public void Nothing_is_known_from_before_the_start_and_old_steps_go()
    {
        var trends = new QueueTrends(_time);
        trends.Add([Sample("a")]);
        for (var minute = 0; minute < 90; minute++)
        {
            trends.Of("a", TrendSpan.Hour).Count(point => point is null).Should().Be(Math.Max(0, 59 - minute));
            _time.Advance(TimeSpan.FromMinutes(1));
            trends.Add([Sample("a", enqueued: minute + 1)]);
        }

        trends.Of("a", TrendSpan.Hour).Should().HaveCount(60).And.OnlyContain(point => point!.Value.Enqueued == 1);
        trends.Of("a", TrendSpan.Day).Sum(point => point?.Enqueued ?? 0).Should().Be(90);
    }

    [Fact]
    public void A_broker_that_lost_its_memory_begins_anew()
    {
        TrendRules.Between(Sample("a", enqueued: 100), Sample("a", enqueued: 3)).Enqueued.Should().Be(3);
        TrendRules.Between(last: null, Sample("a", enqueued: 100, waiting: 7)).Should().Be(new TrendPoint(0, 0, 0, 7));
    }

    [Theory]
    [InlineData(new double[] { 0, 10, 5 }, "M0 100L50 0L100 50")]
    [InlineData(new double[] { -1, 10, -1 }, "M50 0h0.1")]
    [InlineData(new double[] { 10, 5, -1 }, "M0 0L50 50")]
    [InlineData(new double[] { -1, -1 }, "")]
    public void A_line_has_a_stroke_for_each_run_that_is_known(double[] values, string path) =>
        ChartPath.Of([.. values.Select(value => value < 0 ? (double?)null : value)], 10, 100, 100).Should().Be(path);

    private static QueueStatistics Sample(string queue, long enqueued = 0, long completed = 0, long retried = 0, long buried = 0, long waiting = 0) => new()
    {
        Queue = queue,
        Backlog = new Backlog(waiting, 0, Paused: false),
        EnqueuedTotal = enqueued,
        CompletedTotal = completed,
        RetriedTotal = retried,
        BuriedTotal = buried,
    };
}
