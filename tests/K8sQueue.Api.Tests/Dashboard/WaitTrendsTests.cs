using K8sQueue.Api.Telemetry;
using K8sQueue.Core.Capacity;
using K8sQueue.Core.InMemory;
using K8sQueue.Core.Trends;

namespace K8sQueue.Api.Tests.Dashboard;

public sealed class WaitTrendsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Waits_of_each_queue_and_of_all_together_are_kept_once_their_steps_are_over()
    {
        await using var jobs = new InMemoryJobQueue();
        var trends = new WaitTrends(jobs);
        for (var turn = 0; turn < 2; turn++)
            await trends.AddAsync([("a", Waits(Noon.AddSeconds(20), 100)), ("b", Waits(Noon.AddSeconds(21), 400))], CancellationToken.None);

        foreach (var span in TrendSpan.All)
        {
            var all = (await jobs.Trends.ReadWaitsAsync(queue: null, span, CancellationToken.None)).Should().ContainSingle().Subject;
            all.Step.Should().Be(span.StepOf(Noon) - 1);
            all.P95.TotalMilliseconds.Should().BeInRange(300, 500);
        }

        (await jobs.Trends.ReadWaitsAsync("a", TrendSpan.Hour, CancellationToken.None)).Should().BeEmpty("its minutes are in its reports");
        (await jobs.Trends.ReadWaitsAsync("a", TrendSpan.Day, CancellationToken.None)).Should().ContainSingle().Which.P95.TotalMilliseconds.Should().BeInRange(75, 125);
        (await jobs.Trends.ReadWaitsAsync("b", TrendSpan.Week, CancellationToken.None)).Should().ContainSingle();
    }

    [Fact]
    public async Task The_overview_and_a_queue_chart_them()
    {
        await using var api = new TestApi();
        var secret = api.AddKey("reader", "verbs=read;queues=q");
        var (visitor, reader) = (await Visitor.LoggedInAsync(api), await Visitor.LoggedInAsync(api, secret));
        await api.Queue.EnqueueAsync(DashboardJobs.Request());
        var mark = new WaitMark(TrendSpan.Week.StepOf(TimeProvider.System.GetUtcNow()), TimeSpan.FromMilliseconds(12), TimeSpan.FromMilliseconds(345));
        await api.Queue.Trends.WriteWaitsAsync(queue: null, TrendSpan.Week, mark, CancellationToken.None);
        await api.Queue.Trends.WriteWaitsAsync("q", TrendSpan.Week, mark with { P95 = TimeSpan.FromMilliseconds(678) }, CancellationToken.None);

        (await visitor.ReadAsync("/?span=week")).Should().Contain("Wait p50").And.Contain("Wait for a start, ms").And.Contain("most 12.").And.Contain("most 345");
        (await visitor.ReadAsync("/queues/q?span=week")).Should().Contain("Wait for a start, ms").And.Contain("most 678");
        (await reader.ReadAsync("/?span=week")).Should().NotContain("Wait for a start, ms");
    }

    private static WaitSteps Waits(DateTimeOffset now, double milliseconds)
    {
        var waits = new LoadHistogram();
        waits.Add(TimeSpan.FromMilliseconds(milliseconds));
        return WaitSteps.Of(new LoadHistory { Now = now, Entries = [new LoadMinute { Start = Noon.AddMinutes(-1), Load = new LoadSample { Waits = waits } }] });
    }
}
