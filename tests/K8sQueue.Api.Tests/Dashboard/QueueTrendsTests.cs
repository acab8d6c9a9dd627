using K8sQueue.Api.Dashboard.Charts;
using K8sQueue.Api.Telemetry;
using K8sQueue.Core.InMemory;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Trends;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Dashboard;

public sealed class QueueTrendsTests : IAsyncDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly ManualTimeProvider _time = new();
    private readonly InMemoryJobQueue _jobs = new();

    public ValueTask DisposeAsync() => _jobs.DisposeAsync();

    [Fact]
    public async Task Samples_become_what_happened_between_them_and_every_replica_shows_the_same()
    {
        var (one, other) = (new QueueTrends(_jobs, _time), new QueueTrends(_jobs, _time));
        for (var i = 0; i <= 5; i++)
        {
            await AddAsync(one, Sample("a", enqueued: 100 + (i * 10), completed: 90, waiting: i), Sample("b", enqueued: 5));
            await AddAsync(other, Sample("a", enqueued: 100 + (i * 10), completed: 90, waiting: i), Sample("b", enqueued: 5));
            _time.Advance(i == 5 ? TimeSpan.FromSeconds(5) : Minute);
        }

        await AddAsync(one, Sample("a", enqueued: 157, completed: 91, retried: 2, buried: 1, waiting: 4), Sample("b", enqueued: 8));
        var shown = await OfAsync(one, "a", TrendSpan.Hour);
        shown[^6..].Should().Equal(
            new TrendPoint(10, 0, 0, 1), new TrendPoint(10, 0, 0, 2), new TrendPoint(10, 0, 0, 3), new TrendPoint(10, 0, 0, 4), new TrendPoint(10, 0, 0, 5), new TrendPoint(7, 1, 3, 4));
        shown[..^6].Should().OnlyContain(point => point == null);
        (await OfAsync(other, "a", TrendSpan.Hour))[..^1].Should().Equal(shown[..^1]);
        (await OfAsync(one, queue: null, TrendSpan.Week)).Sum(point => point?.Enqueued).Should().Be(60);
        (await OfAsync(one, "nobody", TrendSpan.Day)).Should().HaveCount(144).And.OnlyContain(point => point == null);
    }

    [Fact]
    public async Task A_restart_loses_nothing_and_what_came_while_nobody_looked_is_spread()
    {
        var before = new QueueTrends(_jobs, _time);
        for (var i = 0; i < 3; i++)
        {
            await AddAsync(before, Sample("a", enqueued: i * 10));
            _time.Advance(Minute);
        }

        _time.Advance(3 * Minute);
        var after = new QueueTrends(_jobs, _time);
        await AddAsync(after, Sample("a", enqueued: 60));
        _time.Advance(Minute);
        await AddAsync(after, Sample("a", enqueued: 70));

        (await OfAsync(after, "a", TrendSpan.Hour)).Select(point => point?.Enqueued).Where(count => count is not null).Should().Equal(10, 10, 10, 10, 10, 10, 10, 0);
    }

    [Fact]
    public async Task A_process_that_starts_within_a_step_goes_on_with_what_was_kept_when_it_began()
    {
        var before = new QueueTrends(_jobs, _time);
        await AddAsync(before, Sample("a", enqueued: 1));
        _time.Advance(Minute);
        await AddAsync(before, Sample("a", enqueued: 2));
        _time.Advance(TimeSpan.FromSeconds(20));

        var after = new QueueTrends(_jobs, _time);
        await AddAsync(after, Sample("a", enqueued: 9));

        (await OfAsync(after, "a", TrendSpan.Hour))[^2..].Should().Equal(new TrendPoint(1, 0, 0, 0), new TrendPoint(7, 0, 0, 0));
    }

    [Fact]
    public async Task A_queue_that_rests_is_not_written_and_goes_on_where_it_rested()
    {
        var trends = new QueueTrends(_jobs, _time);
        for (var i = 0; i < 30; i++)
        {
            await AddAsync(trends, Sample("a", enqueued: 7));
            _time.Advance(Minute);
        }

        (await _jobs.Trends.ReadAsync("a", TrendSpan.Hour, CancellationToken.None)).Should().BeEmpty();
        await AddAsync(trends, Sample("a", enqueued: 9));
        (await _jobs.Trends.ReadAsync("a", TrendSpan.Hour, CancellationToken.None)).Should().HaveCount(2);
        (await OfAsync(trends, "a", TrendSpan.Hour))[^3..].Select(point => point?.Enqueued).Should().Equal(null, 2, 0);
    }

    [Fact]
    public async Task A_queue_that_is_gone_is_forgotten()
    {
        var trends = new QueueTrends(_jobs, _time);
        await AddAsync(trends, Sample("a", enqueued: 1), Sample("b"));
        _time.Advance(Minute);
        await AddAsync(trends, Sample("a", enqueued: 3), Sample("b"));
        (await OfAsync(trends, "a", TrendSpan.Hour))[^1].Should().NotBeNull();

        await AddAsync(trends, Sample("b"));

        (await OfAsync(trends, "a", TrendSpan.Hour))[^1].Should().BeNull("nobody knows how it stands");
    }

    [Fact]
    public async Task Old_steps_go()
    {
        var trends = new QueueTrends(_jobs, _time);
        for (var minute = 0; minute < 90; minute++)
        {
            await AddAsync(trends, Sample("a", enqueued: minute));
            _time.Advance(Minute);
        }

        await AddAsync(trends, Sample("a", enqueued: 90));
        (await OfAsync(trends, "a", TrendSpan.Hour)).Should().HaveCount(60).And.OnlyContain(point => point!.Value.Enqueued <= 1);
        (await OfAsync(trends, "a", TrendSpan.Hour)).Sum(point => point!.Value.Enqueued).Should().Be(59);
        (await OfAsync(trends, "a", TrendSpan.Day)).Sum(point => point?.Enqueued ?? 0).Should().Be(90);
    }

    [Fact]
    public void A_broker_that_lost_its_memory_begins_anew_and_parts_add_up_to_the_whole()
    {
        var now = _time.GetUtcNow();
        var step = TrendSpan.Hour.StepOf(now);
        TrendMark[] marks = [new(step - 5, new TrendTotals(100, 50, 0, 1)), new(step - 2, new TrendTotals(3, 51, 0, 2))];
        TrendRules.Points(TrendSpan.Hour, now, marks, current: null)[^6..].Should().Equal(
            new TrendPoint(1, 0, 0, 1), new TrendPoint(1, 0, 0, 1), new TrendPoint(1, 1, 0, 2), null, null, null);
    }

    [Theory]
    [InlineData(new double[] { 0, 10, 5 }, "M0 100L50 0L100 50")]
    [InlineData(new double[] { -1, 10, -1 }, "M50 0h0.1")]
    [InlineData(new double[] { 10, 5, -1 }, "M0 0L50 50")]
    [InlineData(new double[] { -1, -1 }, "")]
    public void A_line_has_a_stroke_for_each_run_that_is_known(double[] values, string path) =>
        ChartPath.Of([.. values.Select(value => value < 0 ? (double?)null : value)], 10, 100, 100).Should().Be(path);

    private static Task AddAsync(QueueTrends trends, params QueueStatistics[] sample) => trends.AddAsync(sample, CancellationToken.None);

    private static async Task<TrendPoint?[]> OfAsync(QueueTrends trends, string? queue, TrendSpan span) => [.. await trends.OfAsync(queue, span, CancellationToken.None)];

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
