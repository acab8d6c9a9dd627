using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Worker.Execution;
using K8sQueue.Worker.Hosting;
using K8sQueue.Worker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace K8sQueue.Worker.Tests.Hosting;

/// <summary>A worker that is to start anew does so, or ends: it never stays without fetching.</summary>
[Collection(ExitCodeCollection.Name)]
public sealed class WorkerRecyclerTests
{
    [Fact]
    public async Task Jobs_that_end_within_the_drains_time_out_are_finished_first()
    {
        var finish = new TaskCompletionSource();
        await using var worker = await TestWorker.StartAsync(
            w => w.AddHandler("t", (_, token) => finish.Task.WaitAsync(token)), o => o.RecycleAfterJobs = 1);
        var id = await worker.EnqueueAsync("t");
        await Eventually.IsTrue(() => worker.Logs.Lines.Any(line => line.Contains("Recycling after 1 jobs")));
        Stopping(worker).IsCancellationRequested.Should().BeFalse();

        finish.SetResult();
        await Eventually.IsTrue(() => Stopping(worker).IsCancellationRequested);
        await worker.StopAsync().WaitAsync(WorkerOptions.DrainMargin);

        (await worker.JobAsync(id)).State.Should().Be(JobState.Completed);
        worker.Services.GetRequiredService<RecycleRequest>().IsMade.Should().BeTrue();
        (await worker.StatisticsAsync()).ReleasedTotal.Should().Be(0);
    }

    [Fact]
    public async Task A_job_that_does_not_end_is_handed_back_and_the_worker_starts_anew()
    {
        await using var worker = await TestWorker.StartAsync(
            w => w.AddHandler("t", (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token)),
            o => (o.RecycleAfterJobs, o.DrainTimeout) = (1, TimeSpan.FromSeconds(1)));
        var id = await worker.EnqueueAsync("t");

        await Eventually.IsTrue(() => Stopping(worker).IsCancellationRequested);
        await worker.StopAsync().WaitAsync(WorkerOptions.DrainMargin);

        worker.Services.GetRequiredService<RecycleRequest>().IsMade.Should().BeTrue();
        worker.Logs.Lines.Should().Contain(line => line.StartsWith("Warning: 1 jobs did not end within"));
        (await worker.StatisticsAsync()).Should().Match<QueueStatistics>(s => s.ReleasedTotal == 1 && s.RetriedTotal == 0 && s.Consumers == 0);
        (await worker.JobAsync(id)).Attempt.Should().Be(1);
    }

    [Fact]
    public async Task A_fault_while_it_is_recycled_ends_the_worker_and_is_told()
    {
        var before = Environment.ExitCode;
        try
        {
            await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (_, _) => Task.CompletedTask), o => o.RecycleAfterJobs = 1);
            worker.Broker.QuiesceFailure = new InvalidOperationException("nobody foresaw it");
            await worker.EnqueueAsync("t");

            await Eventually.IsTrue(() => Stopping(worker).IsCancellationRequested);
            await worker.StopAsync().WaitAsync(WorkerOptions.DrainMargin);

            worker.Logs.Lines.Should().Contain(line => line.StartsWith("Critical") && line.Contains("nobody foresaw it"));
            worker.Services.GetRequiredService<RecycleRequest>().IsMade.Should().BeFalse();
            Environment.ExitCode.Should().Be(WorkerExit.Failed);
        }
        finally
        {
            Environment.ExitCode = before;
        }
    }

    [Fact]
    public async Task A_worker_that_is_held_is_recycled_when_the_hold_is_over()
    {
        var hold = TimeSpan.FromSeconds(2.5);
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (_, _) => Task.CompletedTask));
        await worker.EnqueueAsync("t");
        await Eventually.IsTrue(() => worker.Services.GetRequiredService<RunningJobs>().Total == 1);
        var began = TimeProvider.System.GetTimestamp();
        await worker.Services.GetRequiredService<FetchGate>().QuiesceAsync(hold, heldAt: 7, CancellationToken.None);
        using var recycler = ActivatorUtilities.CreateInstance<WorkerRecycler>(worker.Services, Options.Create(new WorkerOptions { RecycleAfterJobs = 1 }));

        await recycler.StartAsync(CancellationToken.None);

        await Eventually.IsTrue(() => Stopping(worker).IsCancellationRequested);
        TimeProvider.System.GetElapsedTime(began).Should().BeGreaterThan(hold, "the new program would fetch");
        worker.Services.GetRequiredService<RecycleRequest>().IsMade.Should().BeTrue();
        await worker.StopAsync().WaitAsync(WorkerOptions.DrainMargin);
    }

    private static CancellationToken Stopping(TestWorker worker) =>
        worker.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
}
