using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Worker.Handlers;
using K8sQueue.Worker.Tests.Support;

namespace K8sQueue.Worker.Tests.Execution;

/// <summary>A Redis that is silent for longer than a lease, and then goes on where it was.</summary>
public sealed class LeaseLossTests : IAsyncLifetime
{
    private RedisServer _redis = null!;
    private RedisJobQueue _elsewhere = null!; // more patient than the worker's

    public async Task InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _elsewhere = OpenQueue(new RedisQueueOptions { Address = _redis.Address });
    }

    public async Task DisposeAsync()
    {
        await _elsewhere.DisposeAsync();
        await _redis.DisposeAsync();
    }

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
        var id = await StartedAsync();

        await FreezeUntilAsync(stopped.Task);

        (await EndAsync(id)).Should().Match<JobSnapshot>(job => job.State == JobState.Completed && job.Attempt == 1);
        await ShouldBalanceAsync(jobs: 1);
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

        // Housekeeping would put the job back where its outcome comes later than a lease after the silence.
        worker.Broker.Finding = _ => [];
        var id = await StartedAsync();

        await FreezeUntilAsync(stopped.Task);

        (await EndAsync(id)).State.Should().Be(JobState.Completed);
        await ShouldBalanceAsync(jobs: 1);
        (await StatisticsAsync()).StartedTotal.Should().Be(1);
    }

    [Fact]
    public async Task An_outcome_that_waits_while_its_lease_is_lost_is_recorded_after_the_silence()
    {
        var finish = new TaskCompletionSource();
        await using var queue = OpenQueue();
        await using var worker = await StartAsync(queue, (context, _) => context.Attempt == 1 ? finish.Task : Task.CompletedTask);
        var id = await StartedAsync();

        await _redis.FreezeAsync();
        finish.SetException(new InvalidOperationException("boom"));
        await Eventually.IsTrue(() => worker.Broker.Consumer!.AreLeasesLost
            && worker.Logs.Lines.Any(line => line.Contains("1 outcomes could not be recorded")));
        await _redis.ThawAsync();

        (await EndAsync(id)).Should().Match<JobSnapshot>(job => job.State == JobState.Completed && job.Attempt == 2);
        await ShouldBalanceAsync(jobs: 1);
    }

    private static RedisJobQueue OpenQueue(RedisQueueOptions options) => new(options);

    private RedisJobQueue OpenQueue() => OpenQueue(new RedisQueueOptions
    {
        Address = _redis.Address,
        Lease = TimeSpan.FromSeconds(1.5),
        HeartbeatInterval = TimeSpan.FromMilliseconds(250),
        MaintenanceInterval = TimeSpan.FromMilliseconds(250),
        OperationTimeout = TimeSpan.FromSeconds(1),
    });

    private static Task<TestWorker> StartAsync(RedisJobQueue queue, Func<JobContext, CancellationToken, Task> handler) =>
        TestWorker.StartAsync(w => w.AddHandler("t", handler), queue: new FaultyJobQueue(queue));

    private async Task<JobId> StartedAsync()
    {
        var request = new JobRequest
        {
            Queue = TestWorker.Queue, Type = "t", Tracked = true, Retry = new RetryPolicy { Delay = TimeSpan.Zero, Jitter = 0 },
        };
        var id = (await _elsewhere.EnqueueAsync([request], CancellationToken.None)).Ids()[0];
        await Eventually.IsTrue(async () => (await StatisticsAsync()).StartedTotal > 0);
        return id;
    }

    // The connection may still be on its way back.
    private async Task<JobSnapshot> EndAsync(JobId id)
    {
        await Eventually.Passes(async () => (await JobAsync()).State.Should().Be(JobState.Completed), TimeSpan.FromMinutes(1));
        return await JobAsync();

        async Task<JobSnapshot> JobAsync() => (await _elsewhere.GetJobAsync(id, CancellationToken.None))!;
    }

    private async Task FreezeUntilAsync(Task seen)
    {
        await _redis.FreezeAsync();
        try
        {
            await seen.WaitAsync(TimeSpan.FromSeconds(30));
        }
        finally
        {
            await _redis.ThawAsync();
        }
    }

    private ValueTask<QueueStatistics> StatisticsAsync() => _elsewhere.GetStatisticsAsync(TestWorker.Queue, CancellationToken.None);

    private async Task ShouldBalanceAsync(int jobs)
    {
        var statistics = await StatisticsAsync();
        statistics.Backlog.Demand.Should().Be(0);
        statistics.CompletedTotal.Should().Be(jobs);
        statistics.StartedTotal.Should().Be(
            jobs + statistics.RecoveredTotal + statistics.ReleasedTotal + statistics.RetriedTotal, "starts = jobs + recovered + handed back + retries");
    }
}
