using K8sQueue.Core.Jobs;
using K8sQueue.Worker.Execution;
using K8sQueue.Worker.Hosting;
using K8sQueue.Worker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Worker.Tests.Execution;

/// <summary>Whatever goes wrong around a handler, its job has an outcome and its slot is free again.</summary>
public sealed class FaultTests
{
    [Fact]
    public async Task A_job_may_have_the_longest_time_out_that_a_request_allows()
    {
        await using var worker = await TestWorker.StartAsync(
            w => w.AddHandler("t", (_, _) => Task.CompletedTask, o => o.Timeout = TimeSpan.FromDays(1000)));

        var job = await worker.EndOfAsync(await worker.EnqueueAsync("t", timeout: TimeSpan.FromDays(365)));

        job.Should().Match<JobSnapshot>(j => j.State == JobState.Completed && j.Attempt == 1);
    }

    [Fact]
    public async Task A_fault_before_the_handler_is_a_failed_attempt_and_frees_the_slot()
    {
        await using var worker = await TestWorker.StartAsync(
            w => w.AddHandler("t", (_, _) => Task.CompletedTask), o => o.Concurrency = 1);
        worker.Logs.ScopeFailure = new InvalidOperationException("no scope today");

        var dead = await worker.DeadLetterAsync(await worker.EnqueueAsync("t", retry: new RetryPolicy { MaxAttempts = 1 }));
        dead.Error.Should().Contain("no scope today");
        worker.Logs.ScopeFailure = null;

        (await worker.EndOfAsync(await worker.EnqueueAsync("t"))).State.Should().Be(JobState.Completed);
    }

    [Fact]
    public async Task Jobs_that_are_handed_back_unstarted_count_as_starts_as_they_do_at_the_broker()
    {
        var held = new TaskCompletionSource();
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (_, _) => Task.CompletedTask));
        worker.Broker.Held = held;
        await worker.EnqueueAsync("t");
        await Eventually.IsTrue(async () => (await worker.StatisticsAsync()).StartedTotal == 1);

        var quiesced = worker.Services.GetRequiredService<FetchGate>().QuiesceAsync(TimeSpan.FromMinutes(1), null, CancellationToken.None);
        held.SetResult();
        await quiesced;

        await Eventually.Passes(async () => (await worker.Management.GetStringAsync("metrics"))
            .Should().Contain("k8squeue_jobs_total{outcome=\"released\",queue=\"q\"} 1")
            .And.Contain("k8squeue_jobs_started_total{queue=\"q\"} 1"));
    }

    [Fact]
    public async Task A_fetch_that_never_ends_does_not_hold_up_the_end_of_a_drain()
    {
        var held = new TaskCompletionSource();
        await using var worker = await TestWorker.StartAsync(
            w => w.AddHandler("t", (_, _) => Task.CompletedTask), o => o.DrainTimeout = TimeSpan.Zero);
        worker.Broker.Held = held;
        await worker.EnqueueAsync("t");
        await Eventually.IsTrue(async () => (await worker.StatisticsAsync()).StartedTotal == 1);

        await worker.StopAsync().WaitAsync(WorkerOptions.DrainMargin);

        held.SetResult();
    }
}
