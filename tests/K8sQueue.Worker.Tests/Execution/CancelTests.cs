using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Worker.Handlers;
using K8sQueue.Worker.Handlers.Exec;
using K8sQueue.Worker.Hosting;
using K8sQueue.Worker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Worker.Tests.Execution;

/// <summary>Jobs that another process cancels, over a real Redis.</summary>
public sealed class CancelTests : IAsyncLifetime
{
    private RedisServer _redis = null!;
    private RedisJobQueue _elsewhere = null!;

    public async Task InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _elsewhere = OpenQueue();
    }

    public async Task DisposeAsync()
    {
        await _elsewhere.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task A_running_handler_is_told_to_stop_and_its_job_does_not_run_again()
    {
        await using var queue = OpenQueue();
        await using var worker = await StartAsync(queue, w => w.AddHandler("t", ForeverAsync));
        var id = await RunningAsync(worker, "t");
        var other = await RunningAsync(worker, "t");

        (await _elsewhere.CancelAsync(id, CancellationToken.None)).Should().Be(CancelOutcome.Requested);

        (await worker.EndOfAsync(id)).State.Should().Be(JobState.Cancelled);
        (await worker.JobAsync(other)).State.Should().Be(JobState.Running);
        var statistics = await worker.StatisticsAsync();
        statistics.Should().BeEquivalentTo(new { CancelledTotal = 1L, StoppedTotal = 1L, StartedTotal = 2L, Backlog = new Backlog(0, 1, false) });
        await Eventually.IsTrue(() => worker.Logs.Lines.Any(line => line.Contains($"{id} (t) was cancelled while it ran")));
        await Eventually.IsTrue(async () => (await worker.Management.GetStringAsync("metrics"))
            .Contains("k8squeue_jobs_total{outcome=\"cancelled\",queue=\"q\"} 1", StringComparison.Ordinal));
        await _elsewhere.CancelAsync(other, CancellationToken.None);
        await worker.EndOfAsync(other);
    }

    [Fact]
    public async Task A_handler_that_is_done_all_the_same_has_completed_its_job()
    {
        await using var queue = OpenQueue();
        await using var worker = await StartAsync(queue, w => w.AddHandler("t", async (_, token) =>
        {
            var told = new TaskCompletionSource();
            await using var registration = token.Register(() => told.TrySetResult());
            await told.Task;
        }));
        var id = await RunningAsync(worker, "t");

        await _elsewhere.CancelAsync(id, CancellationToken.None);

        (await worker.EndOfAsync(id)).State.Should().Be(JobState.Completed);
        (await worker.StatisticsAsync()).CancelledTotal.Should().Be(0);
    }

    [Fact]
    public async Task A_job_that_waits_for_its_turn_in_a_worker_is_cancelled_there()
    {
        await using var queue = OpenQueue();
        var started = 0;
        await using var worker = await StartAsync(queue, w => w.AddHandler(
            "t",
            (context, token) =>
            {
                Interlocked.Increment(ref started);
                return ForeverAsync(context, token);
            },
            o => o.MaxConcurrency = 1));
        var first = await RunningAsync(worker, "t");
        await Eventually.IsTrue(() => started == 1);
        var second = await RunningAsync(worker, "t");

        await _elsewhere.CancelAsync(second, CancellationToken.None);

        (await worker.EndOfAsync(second)).State.Should().Be(JobState.Cancelled);
        started.Should().Be(1);
        await _elsewhere.CancelAsync(first, CancellationToken.None);
        await worker.EndOfAsync(first);
    }

    [Fact]
    public async Task A_drain_hands_no_cancelled_job_back()
    {
        await using var queue = OpenQueue();
        var asked = new TaskCompletionSource();
        await using var worker = await StartAsync(
            queue, w => w.AddHandler("t", (_, _) => asked.Task), o => o.DrainTimeout = TimeSpan.Zero);
        var id = await RunningAsync(worker, "t");
        await _elsewhere.CancelAsync(id, CancellationToken.None);

        await worker.StopAsync();

        (await worker.JobAsync(id)).State.Should().Be(JobState.Cancelled);
        (await worker.StatisticsAsync()).Should().BeEquivalentTo(new { ReleasedTotal = 0L, CancelledTotal = 1L, Backlog = default(Backlog) });
        asked.SetResult();
    }

    [Fact]
    public async Task The_command_of_a_cancelled_job_is_ended()
    {
        await using var queue = OpenQueue();
        await using var worker = await StartAsync(queue, w => w.AddExecHandler("sleep", new ExecHandlerOptions { Command = ["sleep", "600"] }));
        var id = await RunningAsync(worker, "sleep");

        await _elsewhere.CancelAsync(id, CancellationToken.None);

        (await worker.EndOfAsync(id)).State.Should().Be(JobState.Cancelled);
    }

    private static Task ForeverAsync(JobContext context, CancellationToken token) =>
        Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);

    private RedisJobQueue OpenQueue() => new(new RedisQueueOptions
    {
        Address = _redis.Address,
        Lease = TimeSpan.FromMinutes(1),
        HeartbeatInterval = TimeSpan.FromMilliseconds(100),
        MaintenanceInterval = TimeSpan.FromMilliseconds(250),
    });

    private static Task<TestWorker> StartAsync(
        RedisJobQueue queue, Action<K8sQueueWorkerBuilder> handlers, Action<WorkerOptions>? configure = null) =>
        TestWorker.StartAsync(handlers, configure, new FaultyJobQueue(queue));

    private static async Task<JobId> RunningAsync(TestWorker worker, string type)
    {
        var id = await worker.EnqueueAsync(type);
        await Eventually.IsTrue(async () => (await worker.JobAsync(id)).State == JobState.Running);
        return id;
    }
}
