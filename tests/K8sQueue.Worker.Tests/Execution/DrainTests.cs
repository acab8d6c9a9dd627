using K8sQueue.Core.InMemory;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Worker.Hosting;
using K8sQueue.Worker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Worker.Tests.Execution;

public sealed class DrainTests
{
    [Fact]
    public async Task A_drain_lets_running_jobs_finish_and_starts_no_more()
    {
        var finish = new TaskCompletionSource();
        await using var worker = await TestWorker.StartAsync(
            w => w.AddHandler("t", (_, token) => finish.Task.WaitAsync(token)), o => o.Concurrency = 3);
        await worker.EnqueueAsync(10, "t");
        await worker.StartedAsync(3);

        var stopping = worker.StopAsync();
        await Eventually.IsTrue(() => worker.Logs.Lines.Any(line => line.Contains("Draining: 3 jobs run")));
        stopping.IsCompleted.Should().BeFalse();
        finish.SetResult();
        await stopping.WaitAsync(TimeSpan.FromSeconds(10));

        var statistics = await worker.StatisticsAsync();
        statistics.CompletedTotal.Should().Be(3);
        statistics.StartedTotal.Should().Be(3);
        statistics.ReleasedTotal.Should().Be(0);
        statistics.Backlog.Waiting.Should().Be(7);
        worker.Broker.Consumer!.Left.Should().BeTrue();
        statistics.Consumers.Should().Be(0);
    }

    [Fact]
    public async Task Jobs_that_outlast_the_drain_are_handed_back_without_using_up_an_attempt()
    {
        await using var worker = await TestWorker.StartAsync(
            w => w.AddHandler("t", (_, token) => Forever(token)),
            o => o.DrainTimeout = TimeSpan.FromMilliseconds(100));
        var ids = await worker.EnqueueAsync(4, "t");
        await worker.StartedAsync(4);

        await worker.StopAsync().WaitAsync(TimeSpan.FromSeconds(10));

        var statistics = await worker.StatisticsAsync();
        statistics.ReleasedTotal.Should().Be(4);
        statistics.RetriedTotal.Should().Be(0);
        statistics.Backlog.Should().Be(new Backlog(4, 0, false));
        worker.Broker.Consumer!.Left.Should().BeTrue();
        foreach (var id in ids)
        {
            var job = await worker.JobAsync(id);
            job.Attempt.Should().Be(1);
            job.Epoch.Should().Be(2, "its next start is a new owner's");
        }
    }

    [Fact]
    public async Task A_drain_whose_time_is_over_just_as_it_ends_ends_well()
    {
        var time = new LateTimers();
        await using var worker = await StartAsync(time, w => w.AddHandler("t", (_, _) => Task.CompletedTask));
        await worker.EndOfAsync(await worker.EnqueueAsync("t"));

        await worker.StopAsync().WaitAsync(TimeSpan.FromSeconds(10));

        // A timer's callback may begin after all that it is for has been disposed.
        worker.Logs.Lines.Should().Contain(line => line.Contains("Drained"));
        time.Invoking(timers => timers.FireAll()).Should().NotThrow();
    }

    [Fact]
    public async Task A_handler_that_does_not_stop_does_not_hold_up_the_end()
    {
        var time = new ManualTimeProvider();
        var never = new TaskCompletionSource();
        await using var worker = await StartAsync(time, w => w.AddHandler("t", (_, _) => never.Task), o => o.DrainTimeout = TimeSpan.Zero);
        await worker.EnqueueAsync("t");
        await worker.StartedAsync(1);

        var stopping = worker.StopAsync();
        await OutlastAsync(time, WorkerDrain.StopBound);
        await stopping.WaitAsync(TimeSpan.FromSeconds(30));

        (await worker.StatisticsAsync()).ReleasedTotal.Should().Be(1);
        worker.Broker.Consumer!.Left.Should().BeTrue();
        never.SetResult();
    }

    [Fact]
    public async Task A_drain_ends_though_the_broker_is_down_and_says_what_it_could_not_hand_back()
    {
        var time = new ManualTimeProvider();
        await using var worker = await StartAsync(time, w => w.AddHandler("t", (_, token) => Forever(token)), o => o.DrainTimeout = TimeSpan.Zero);
        var id = await worker.EnqueueAsync("t");
        await worker.StartedAsync(1);
        worker.Broker.IsDown = true;

        var stopping = worker.StopAsync();
        await OutlastAsync(time, WorkerDrain.StopBound);
        await OutlastAsync(time, WorkerDrain.FlushBound);
        await stopping.WaitAsync(TimeSpan.FromSeconds(30));

        worker.Logs.Lines.Should().Contain(line =>
            line.StartsWith("Warning: 1 jobs could not be handed back", StringComparison.Ordinal) && line.Contains(id.Value));
        (await worker.StatisticsAsync()).Backlog.InFlight.Should().Be(1, "its lease is left to end by itself");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_fault_of_one_step_does_not_keep_what_runs_from_being_waited_for_and_handed_back(bool refused)
    {
        // No step's time is ever over.
        var time = new ManualTimeProvider();
        var finish = new TaskCompletionSource();
        await using var worker = await StartAsync(
            time, w => w.AddHandler("ends", (_, token) => finish.Task.WaitAsync(token)).AddHandler("endless", (_, token) => Forever(token)));
        var ends = await worker.EnqueueAsync("ends");
        await worker.EnqueueAsync("endless");
        await worker.StartedAsync(2);
        worker.Broker.QuiesceFailure = refused
            ? new JobQueueConfigurationException("NOPERM this user has no permissions")
            : new InvalidOperationException("NOPERM is what it is not");

        var stopping = worker.StopAsync();
        await Eventually.IsTrue(() => worker.Logs.Lines.Any(line => line.Contains("A step of the drain failed") && line.Contains("NOPERM")));
        finish.SetResult();
        (await worker.EndOfAsync(ends)).State.Should().Be(JobState.Completed);
        worker.Services.GetRequiredService<WorkerDrain>().Hasten();
        await stopping.WaitAsync(TimeSpan.FromSeconds(30));

        (await worker.StatisticsAsync()).ReleasedTotal.Should().Be(1);
        worker.Broker.Consumer!.Left.Should().BeTrue();
    }

    [Fact]
    public async Task A_broker_that_comes_back_during_the_drain_still_gets_the_outcomes()
    {
        var finish = new TaskCompletionSource();
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (_, _) => finish.Task));
        var id = await worker.EnqueueAsync("t");
        await worker.StartedAsync(1);
        worker.Broker.IsDown = true;
        var stopping = worker.StopAsync();
        finish.SetResult();
        await Eventually.IsTrue(() => worker.Logs.Lines.Any(line => line.Contains("could not be recorded and are tried again")));

        worker.Broker.IsDown = false;
        await stopping.WaitAsync(TimeSpan.FromSeconds(10));

        (await worker.JobAsync(id)).State.Should().Be(JobState.Completed);
    }

    [Fact]
    public async Task A_worker_that_never_reached_its_broker_stops_at_once()
    {
        var queue = new FaultyJobQueue(new InMemoryJobQueue()) { IsDown = true };
        await using var worker = await StartAsync(new ManualTimeProvider(), w => w.AddHandler("t", (_, _) => Task.CompletedTask), queue: queue);
        await Eventually.IsTrue(() => worker.Logs.Lines.Any(line => line.Contains("can't be reached")));

        await worker.StopAsync().WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task An_idle_worker_drains_at_once()
    {
        // Neither its fetch nor a bound of the drain ends by itself.
        var queue = new FaultyJobQueue(new InMemoryJobQueue(new InMemoryQueueOptions { IdleWait = TimeSpan.FromHours(1) }));
        await using var worker = await StartAsync(new ManualTimeProvider(), w => w.AddHandler("t", (_, _) => Task.CompletedTask), queue: queue);
        await Eventually.IsTrue(() => worker.Broker.Consumer is { MaxAsked: > 0 });

        await worker.StopAsync().WaitAsync(TimeSpan.FromSeconds(30));

        worker.Broker.Consumer!.Left.Should().BeTrue();
    }

    private static Task Forever(CancellationToken token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);

    // The broker's time is real.
    private static Task<TestWorker> StartAsync(
        TimeProvider time, Action<K8sQueueWorkerBuilder> handlers, Action<WorkerOptions>? configure = null, FaultyJobQueue? queue = null) =>
        TestWorker.StartAsync(
            w =>
            {
                w.Services.AddSingleton(time);
                handlers(w);
            },
            configure,
            queue);

    /// <summary>Lets a step of the drain last as long as it may.</summary>
    private static async Task OutlastAsync(ManualTimeProvider time, TimeSpan bound)
    {
        await Eventually.IsTrue(() => time.HasTimer(left => left == bound));
        time.Advance(bound);
    }
}
