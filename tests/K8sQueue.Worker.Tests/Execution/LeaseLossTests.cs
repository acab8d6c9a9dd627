using K8sQueue.Core.Jobs;
using K8sQueue.Core.Redis;
using K8sQueue.Worker.Handlers;
using K8sQueue.Worker.Tests.Support;

namespace K8sQueue.Worker.Tests.Execution;

/// <summary>A Redis that is silent for longer than a lease, and then goes on where it was.</summary>
public sealed class LeaseLossTests : IAsyncLifetime
{
    private RedisServer _redis = null!;

    public async Task InitializeAsync() => _redis = await RedisServer.StartAsync();

    public async Task DisposeAsync() => await _redis.DisposeAsync();

    [Fact]
    public async Task A_job_whose_handler_stopped_in_a_silence_is_handed_back_and_runs_again()
    {
        var stopped = new TaskCompletionSource();
        await using var queue = OpenQueue();
        await using var worker = await StartAsync(queue, async (context, token) =>
        {
            if (context.FencingToken > 1)
                return;
            using var told = token.Register(() => stopped.TrySetResult());
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        });
        var id = await RunningAsync(worker);

        await FreezeUntilAsync(stopped.Task);

        (await EndAsync(worker, id)).Should().Match<JobSnapshot>(job => job.State == JobState.Completed && job.Attempt == 1);
        await ShouldBalanceAsync(worker, jobs: 1);
    }

    [Fact]
    public async Task A_job_whose_handler_finished_in_a_silence_is_done_and_does_not_run_again()
    {
        var stopped = new TaskCompletionSource();
        await using var queue = OpenQueue();
        await using var worker = await StartAsync(queue, async (_, token) =>
        {
            using var told = token.Register(() => stopped.TrySetResult());
            await stopped.Task;
        });
        var id = await RunningAsync(worker);

        await FreezeUntilAsync(stopped.Task);

        (await EndAsync(worker, id)).State.Should().Be(JobState.Completed);
        await ShouldBalanceAsync(worker, jobs: 1);
        (await worker.StatisticsAsync()).StartedTotal.Should().Be(1);
    }

    [Fact]
    public async Task An_outcome_that_waits_while_its_lease_is_lost_is_recorded_after_the_silence()
    {
        var finish = new TaskCompletionSource();
        await using var queue = OpenQueue();
        await using var worker = await StartAsync(queue, (context, _) => context.Attempt == 1 ? finish.Task : Task.CompletedTask);
        var id = await RunningAsync(worker);

        await _redis.FreezeAsync();
        finish.SetException(new InvalidOperationException("boom"));
        await Eventually.IsTrue(() => worker.Broker.Consumer!.AreLeasesLost
            && worker.Logs.Lines.Any(line => line.Contains("1 outcomes could not be recorded")));
        await _redis.ThawAsync();

        (await EndAsync(worker, id)).Should().Match<JobSnapshot>(job => job.State == JobState.Completed && job.Attempt == 2);
        await ShouldBalanceAsync(worker, jobs: 1);
    }

    private RedisJobQueue OpenQueue() => new(new RedisQueueOptions
    {
        Address = _redis.Address,
        Lease = TimeSpan.FromSeconds(1.5),
        HeartbeatInterval = TimeSpan.FromMilliseconds(250),
        MaintenanceInterval = TimeSpan.FromMilliseconds(250),
        OperationTimeout = TimeSpan.FromSeconds(1),
    });

    private static Task<TestWorker> StartAsync(RedisJobQueue queue, Func<JobContext, CancellationToken, Task> handler) =>
        TestWorker.StartAsync(w => w.AddHandler("t", handler), queue: new FaultyJobQueue(queue));

    private static async Task<JobId> RunningAsync(TestWorker worker)
    {
        var id = await worker.EnqueueAsync("t");
        await Eventually.IsTrue(async () => (await worker.JobAsync(id)).State == JobState.Running);
        return id;
    }

    // The connection may still be on its way back.
    private static async Task<JobSnapshot> EndAsync(TestWorker worker, JobId id)
    {
        await Eventually.Passes(
            async () => (await worker.JobAsync(id)).State.Should().Be(JobState.Completed), TimeSpan.FromSeconds(20));
        return await worker.JobAsync(id);
    }

    private async Task FreezeUntilAsync(Task seen)
    {
        await _redis.FreezeAsync();
        try
        {
            await seen.WaitAsync(TimeSpan.FromSeconds(20));
        }
        finally
        {
            await _redis.ThawAsync();
        }
    }

    private static async Task ShouldBalanceAsync(TestWorker worker, int jobs)
    {
        var statistics = await worker.StatisticsAsync();
        statistics.Backlog.Demand.Should().Be(0);
        statistics.CompletedTotal.Should().Be(jobs);
        statistics.StartedTotal.Should().Be(
            jobs + statistics.RecoveredTotal + statistics.ReleasedTotal + statistics.RetriedTotal, "starts = jobs + recovered + handed back + retries");
    }
}
