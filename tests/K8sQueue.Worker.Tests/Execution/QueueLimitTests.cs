using System.Text.Json;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Worker.Handlers;
using K8sQueue.Worker.Tests.Support;

namespace K8sQueue.Worker.Tests.Execution;

/// <summary>Limits of a queue over several workers, over a real Redis.</summary>
public sealed class QueueLimitTests : IAsyncLifetime
{
    private RedisServer _redis = null!;
    private RedisJobQueue _queue = null!;

    public async Task InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _queue = Open();
    }

    public async Task DisposeAsync()
    {
        await _queue.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Workers_that_the_queues_rate_holds_say_so_and_go_on_when_it_is_gone()
    {
        await _queue.SetLimitsAsync(TestWorker.Queue, new QueueLimits { Rate = new QueueRate(5, TimeSpan.FromHours(1)) }, CancellationToken.None);
        await using var firstQueue = Open();
        await using var secondQueue = Open();
        await using var first = await StartAsync(firstQueue, (_, _) => Task.CompletedTask);
        await using var second = await StartAsync(secondQueue, (_, _) => Task.CompletedTask);
        await first.EnqueueAsync(20, "t");

        await Eventually.IsTrue(async () => await BlockedByAsync(first) == "queue-rate" && await BlockedByAsync(second) == "queue-rate");
        await Eventually.IsTrue(async () => (await first.StatisticsAsync()).CompletedTotal == 5);
        await _queue.SetLimitsAsync(TestWorker.Queue, QueueLimits.None, CancellationToken.None);

        await Eventually.IsTrue(async () => (await first.StatisticsAsync()).CompletedTotal == 20);
        await Eventually.IsTrue(async () => await BlockedByAsync(first) is null && await BlockedByAsync(second) is null);
        (await first.StatisticsAsync()).StartedTotal.Should().Be(20);
    }

    [Fact]
    public async Task No_more_jobs_run_at_once_in_all_workers_than_the_queue_allows_and_all_of_them_run()
    {
        await _queue.SetLimitsAsync(TestWorker.Queue, new QueueLimits { Concurrency = 3 }, CancellationToken.None);
        var (running, peak, gate) = (0, 0, new Lock());
        async Task RunAsync(JobContext context, CancellationToken token)
        {
            var now = Interlocked.Increment(ref running);
            lock (gate)
                peak = Math.Max(peak, now);
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, token);
            Interlocked.Decrement(ref running);
        }

        await using var firstQueue = Open();
        await using var secondQueue = Open();
        await using var first = await StartAsync(firstQueue, RunAsync);
        await using var second = await StartAsync(secondQueue, RunAsync);

        await first.EnqueueAsync(60, "t");

        await Eventually.IsTrue(async () => (await first.StatisticsAsync()).CompletedTotal == 60, TimeSpan.FromSeconds(20));
        peak.Should().BeLessThanOrEqualTo(3);
    }

    [Fact]
    public async Task A_worker_says_that_as_many_jobs_run_as_their_queue_allows()
    {
        await _queue.SetLimitsAsync(TestWorker.Queue, new QueueLimits { Concurrency = 1 }, CancellationToken.None);
        var finish = new TaskCompletionSource();
        await using var queue = Open();
        await using var worker = await StartAsync(queue, (_, _) => finish.Task);
        await worker.EnqueueAsync(2, "t");

        await Eventually.IsTrue(async () => await BlockedByAsync(worker) == "queue-concurrency");
        finish.SetResult();

        await Eventually.IsTrue(async () => (await worker.StatisticsAsync()).CompletedTotal == 2);
    }

    private RedisJobQueue Open() => new(new RedisQueueOptions { Address = _redis.Address });

    private static Task<TestWorker> StartAsync(RedisJobQueue queue, Func<JobContext, CancellationToken, Task> handler) =>
        TestWorker.StartAsync(w => w.AddHandler("t", handler), queue: new FaultyJobQueue(queue));

    private static async Task<string?> BlockedByAsync(TestWorker worker) =>
        JsonDocument.Parse(await worker.Management.GetStringAsync("inflight")).RootElement.GetProperty("blockedBy").GetString();
}
