using System.Diagnostics.Metrics;
using K8sQueue.Kubernetes.Tests.Fakes;
using K8sQueue.Kubernetes.WorkQueues;
using K8sQueue.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Kubernetes.Tests.WorkQueues;

public sealed class WorkQueueTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly WorkQueue<string> _queue;

    public WorkQueueTests() => _queue = new WorkQueue<string>("test", time: _time);

    public void Dispose() => _queue.Dispose();

    [Fact]
    public async Task A_key_added_twice_is_processed_once()
    {
        _queue.Add("a");
        _queue.Add("a");

        (await TakeAsync()).Should().Be("a");
        _queue.Done("a");

        _queue.Count.Should().Be(0);
    }

    [Fact]
    public async Task A_key_added_while_it_is_processed_comes_once_more_afterwards_and_not_before()
    {
        _queue.Add("a");
        await TakeAsync();
        _queue.Add("a");
        _queue.Add("a");
        _queue.Count.Should().Be(0, "one worker has it");

        _queue.Done("a");

        (await TakeAsync()).Should().Be("a");
        _queue.Done("a");
        _queue.Count.Should().Be(0);
    }

    [Fact]
    public async Task Keys_come_in_the_order_they_were_added()
    {
        foreach (var key in new[] { "c", "a", "b" })
            _queue.Add(key);

        new[] { await TakeAsync(), await TakeAsync(), await TakeAsync() }.Should().Equal("c", "a", "b");
    }

    [Fact]
    public async Task A_delayed_key_comes_when_it_is_due()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(10));

        _time.Advance(TimeSpan.FromSeconds(9.9));
        _queue.Count.Should().Be(0);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        (await TakeAsync()).Should().Be("a");
    }

    [Theory]
    [InlineData(5, 10)]
    [InlineData(10, 5)]
    public async Task Of_two_delays_the_earlier_wins_and_the_other_is_gone(int first, int second)
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(first));
        _queue.AddAfter("a", TimeSpan.FromSeconds(second));

        _time.Advance(TimeSpan.FromSeconds(5));
        _queue.Count.Should().Be(1);
        await TakeAsync();
        _queue.Done("a");
        _time.Advance(TimeSpan.FromMinutes(1));

        _queue.Count.Should().Be(0);
    }

    [Fact]
    public async Task A_failed_key_waits_longer_each_time()
    {
        _queue.AddRateLimited("a");
        _time.Advance(TimeSpan.FromMilliseconds(5));
        await TakeAsync();
        _queue.AddRateLimited("a");
        _queue.Done("a");

        _time.Advance(TimeSpan.FromMilliseconds(9));
        _queue.Count.Should().Be(0);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        _queue.Count.Should().Be(1);
        _queue.Failures("a").Should().Be(2);
    }

    [Fact]
    public async Task A_waiting_worker_gets_the_next_key()
    {
        var first = _queue.TakeAsync(default).AsTask();
        var second = _queue.TakeAsync(default).AsTask();

        _queue.Add("a");
        (await first).Should().Be((true, "a"));
        second.IsCompleted.Should().BeFalse();
        _queue.Add("b");

        (await second).Should().Be((true, "b"));
    }

    [Fact]
    public async Task A_worker_that_gives_up_waiting_takes_no_key_with_it()
    {
        using var cancellation = new CancellationTokenSource();
        var waiting = _queue.TakeAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        var wait = () => waiting;
        await wait.Should().ThrowAsync<OperationCanceledException>();

        _queue.Add("a");

        (await TakeAsync()).Should().Be("a");
    }

    [Fact]
    public async Task After_a_shut_down_what_is_queued_is_given_out_and_then_there_is_an_end()
    {
        _queue.Add("a");
        _queue.AddAfter("b", TimeSpan.FromSeconds(1));
        _queue.ShutDown();
        _queue.Add("c");
        _time.Advance(TimeSpan.FromSeconds(2));

        (await _queue.TakeAsync(default)).Should().Be((true, "a"));
        (await _queue.TakeAsync(default)).Taken.Should().BeFalse();
    }

    [Fact]
    public async Task A_shut_down_wakes_the_workers_that_wait()
    {
        var waiting = _queue.TakeAsync(default).AsTask();

        _queue.ShutDown();

        (await waiting).Taken.Should().BeFalse();
    }

    [Fact]
    public async Task Metrics_have_the_names_that_dashboards_know()
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        using var measured = new MeasurementRecorder(meters);
        using var queue = new WorkQueue<string>("pools", metrics: new WorkQueueMetrics(meters), time: _time);

        queue.Add("a");
        _time.Advance(TimeSpan.FromSeconds(2));
        await queue.TakeAsync(default);
        _time.Advance(TimeSpan.FromSeconds(3));
        queue.Done("a");
        queue.AddRateLimited("a");

        WorkQueueMetrics.MeterName.Should().Be("K8sQueue.Kubernetes.WorkQueues");
        measured.Observe();
        measured.Sums.Should().BeEquivalentTo(new Dictionary<string, double>
        {
            ["workqueue_adds_total name=pools controller=pools"] = 1,
            ["workqueue_depth name=pools controller=pools"] = 0,
            ["workqueue_queue_duration_seconds name=pools controller=pools"] = 2,
            ["workqueue_work_duration_seconds name=pools controller=pools"] = 3,
            ["workqueue_retries_total name=pools controller=pools"] = 1,
            ["workqueue_unfinished_work_seconds name=pools controller=pools"] = 0,
            ["workqueue_longest_running_processor_seconds name=pools controller=pools"] = 0,
        });
    }

    [Fact]
    public async Task What_is_processed_right_now_shows_how_long_it_has_been()
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        using var measured = new MeasurementRecorder(meters);
        using var queue = new WorkQueue<string>("pools", metrics: new WorkQueueMetrics(meters), time: _time);
        queue.Add("a");
        queue.Add("b");

        await queue.TakeAsync(default);
        _time.Advance(TimeSpan.FromSeconds(2));
        await queue.TakeAsync(default);
        _time.Advance(TimeSpan.FromSeconds(3));
        measured.Observe();

        measured["workqueue_unfinished_work_seconds name=pools controller=pools"].Should().Be(8);
        measured["workqueue_longest_running_processor_seconds name=pools controller=pools"].Should().Be(5);
    }

    private async Task<string> TakeAsync()
    {
        var taken = _queue.TakeAsync(default);
        taken.IsCompleted.Should().BeTrue("a key is due");
        return (await taken).Key;
    }
}
