using System.Collections.Concurrent;
using K8sQueue.Core.Jobs;
using K8sQueue.Worker.Execution;
using K8sQueue.Worker.Handlers;
using K8sQueue.Worker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Worker.Tests.Execution;

/// <summary>Handlers that ignore their time-outs. Time is the test's, the broker's is real.</summary>
public sealed class AbandonedHandlerTests
{
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);

    private readonly ManualTimeProvider _time = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _hanging = new(StringComparer.Ordinal);

    [Fact]
    public async Task Its_job_runs_again_and_its_slot_is_replaced()
    {
        await using var worker = await StartAsync(concurrency: 1);
        var id = await worker.EnqueueAsync("t");

        await AbandonAsync(1);

        (await worker.EndOfAsync(id)).Should().Match<JobSnapshot>(job => job.State == JobState.Completed && job.Attempt == 2);
        (await worker.EndOfAsync(await worker.EnqueueAsync("ok"))).State.Should().Be(JobState.Completed);
        (await worker.Management.GetStringAsync("metrics")).Should()
            .Contain("k8squeue_handlers_abandoned_total{handler=\"*\",queue=\"q\"} 1").And.Contain("k8squeue_worker_abandoned 1");
        await Eventually.IsTrue(async () => (await worker.Management.GetStringAsync("inflight")).Contains("\"inFlight\":0", StringComparison.Ordinal));
        EndAll();
    }

    [Fact]
    public async Task With_an_abandoned_handler_for_each_slot_the_worker_is_not_live_until_one_ends()
    {
        await using var worker = await StartAsync(concurrency: 2);
        await worker.EnqueueAsync(2, "t");
        await AbandonAsync(2);

        await Eventually.IsTrue(async () => await HealthAsync(worker) == 503);
        (await worker.EndOfAsync(await worker.EnqueueAsync("ok"))).State.Should().Be(JobState.Completed, "their slots are replaced");
        _hanging.First().Value.SetResult();

        await Eventually.IsTrue(async () => await HealthAsync(worker) == 200);
        EndAll();
    }

    [Fact]
    public async Task No_more_slots_are_replaced_than_the_worker_has()
    {
        await using var worker = await StartAsync(concurrency: 1);
        await worker.EnqueueAsync("t", retry: new RetryPolicy { MaxAttempts = 1 });
        await AbandonAsync(1);
        await worker.EnqueueAsync("t", retry: new RetryPolicy { MaxAttempts = 1 });
        await AbandonAsync(2);

        await Eventually.IsTrue(async () => (await worker.StatisticsAsync()).DeadLetters == 2);
        var waits = await worker.EnqueueAsync("ok");
        await Eventually.IsTrue(async () => (await worker.Management.GetStringAsync("metrics")).Contains("k8squeue_worker_abandoned 2", StringComparison.Ordinal));
        (await worker.JobAsync(waits)).State.Should().Be(JobState.Waiting);
        _hanging.First().Value.SetResult();

        (await worker.EndOfAsync(waits)).State.Should().Be(JobState.Completed);
        EndAll();
    }

    [Fact]
    public async Task It_gives_up_its_handlers_turn_too()
    {
        await using var worker = await StartAsync(concurrency: 4, o => o.MaxConcurrency = 1);
        var id = await worker.EnqueueAsync("t");

        await AbandonAsync(1);

        (await worker.EndOfAsync(id)).State.Should().Be(JobState.Completed);
        EndAll();
    }

    [Fact]
    public async Task A_drain_does_not_wait_for_it()
    {
        await using var worker = await StartAsync(concurrency: 1);
        var id = await worker.EnqueueAsync("t");
        await AbandonAsync(1);
        await worker.EndOfAsync(id);

        await worker.StopAsync().WaitAsync(TimeSpan.FromSeconds(30));

        worker.Broker.Consumer!.Left.Should().BeTrue();
        EndAll();
    }

    [Fact]
    public async Task A_job_that_takes_long_is_no_reason_to_restart_and_a_loop_that_stands_still_is()
    {
        var blocked = new TaskCompletionSource();
        var entered = new TaskCompletionSource();
        await using var worker = await StartAsync(concurrency: 1);
        await worker.EnqueueAsync("long");
        await Eventually.IsTrue(() => _hanging.Count == 1);

        _time.Advance(TimeSpan.FromHours(3));
        await Eventually.IsTrue(async () => await HealthAsync(worker) == 200);
        worker.Broker.Maintaining = _ =>
        {
            entered.TrySetResult();
            return blocked.Task;
        };
        _time.Advance(TimeSpan.FromSeconds(2));
        await entered.Task.WaitAsync(TimeSpan.FromSeconds(30));
        _time.Advance(TimeSpan.FromSeconds(120));

        (await HealthAsync(worker)).Should().Be(503);
        blocked.SetResult();
        EndAll();
    }

    [Fact]
    public async Task A_fetch_that_does_not_end_is_a_reason_to_restart()
    {
        var held = new TaskCompletionSource();
        await using var worker = await StartAsync(concurrency: 1);
        worker.Broker.Held = held;
        await worker.EnqueueAsync("ok");
        await Eventually.IsTrue(async () => (await worker.StatisticsAsync()).StartedTotal == 1);

        _time.Advance(TimeSpan.FromSeconds(200));

        await Eventually.IsTrue(() => worker.Services.GetRequiredService<Telemetry.WorkerHealth>().NotLiveReason == "A fetch did not end in its time.");
        held.SetResult();
        await Eventually.IsTrue(async () => await HealthAsync(worker) == 200);
    }

    private static async Task<int> HealthAsync(TestWorker worker)
    {
        using var response = await worker.Management.GetAsync(new Uri("healthz", UriKind.Relative));
        return (int)response.StatusCode;
    }

    private Task<TestWorker> StartAsync(int concurrency, Action<JobHandlerOptions>? configure = null) => TestWorker.StartAsync(
        w =>
        {
            w.Services.AddSingleton<TimeProvider>(_time);
            w.AddHandler("*", RunAsync, o =>
            {
                o.Timeout = AttemptTimeout;
                configure?.Invoke(o);
            });
            w.AddHandler("long", RunAsync);
        },
        o => o.Concurrency = concurrency);

    private Task RunAsync(JobContext context, CancellationToken cancellationToken) => context.Type == "ok" || context.Attempt > 1
        ? Task.CompletedTask
        : _hanging.GetOrAdd(context.JobId.Value, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    // Each handler hangs from its first attempt on; two moves of time, since the second timer is set by the first.
    private async Task AbandonAsync(int handlers)
    {
        await Eventually.IsTrue(() => _hanging.Count == handlers);
        await Eventually.IsTrue(() => _time.ActiveTimers > 0);
        _time.Advance(AttemptTimeout + TimeSpan.FromSeconds(1));
        _time.Advance(JobExecutor.AbandonAfter + TimeSpan.FromSeconds(1));
    }

    private void EndAll()
    {
        foreach (var handler in _hanging.Values)
            handler.TrySetResult();
    }
}
