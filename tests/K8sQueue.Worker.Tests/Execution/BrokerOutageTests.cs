using System.Net;
using K8sQueue.Core.InMemory;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Worker.Hosting;
using K8sQueue.Worker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace K8sQueue.Worker.Tests.Execution;

[Collection(ExitCodeCollection.Name)]
public sealed class BrokerOutageTests
{
    [Fact]
    public async Task Jobs_run_on_through_an_outage_and_their_outcomes_are_recorded_after_it()
    {
        var finish = new TaskCompletionSource();
        await using var worker = await TestWorker.StartAsync(w => w
            .AddHandler("held", (_, _) => finish.Task)
            .AddHandler("quick", (_, _) => Task.CompletedTask));
        var id = await worker.EnqueueAsync("held");
        await Eventually.IsTrue(async () => (await worker.JobAsync(id)).State == JobState.Running);

        worker.Broker.IsDown = true;
        await Eventually.IsTrue(async () => await StatusAsync(worker, "readyz") == HttpStatusCode.ServiceUnavailable);
        (await StatusAsync(worker, "healthz")).Should().Be(HttpStatusCode.OK, "a restart would not mend the broker");
        finish.SetResult();
        worker.Broker.IsDown = false;

        (await worker.EndOfAsync(id)).State.Should().Be(JobState.Completed);
        (await worker.EndOfAsync(await worker.EnqueueAsync("quick"))).State.Should().Be(JobState.Completed);
        await Eventually.IsTrue(async () => await StatusAsync(worker, "readyz") == HttpStatusCode.OK);
        (await worker.StatisticsAsync()).StartedTotal.Should().Be(2, "nothing started twice");
    }

    [Fact]
    public async Task An_outcome_whose_answer_was_lost_is_not_counted_as_refused()
    {
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (_, _) => Task.CompletedTask));
        worker.Broker.LosesAnswers = true;
        var id = await worker.EnqueueAsync("t");
        await Eventually.IsTrue(() => worker.Broker.Consumer is { Batches.Count: > 1 });
        worker.Broker.LosesAnswers = false;

        (await worker.EndOfAsync(id)).State.Should().Be(JobState.Completed);
        await Eventually.Passes(async () => (await worker.Management.GetStringAsync("metrics"))
            .Should().Contain("k8squeue_jobs_total{outcome=\"completed\",queue=\"q\"} 1").And.NotContain("fenced\""));
    }

    [Fact]
    public async Task A_worker_whose_broker_is_down_at_the_start_becomes_ready_when_it_is_up()
    {
        var queue = new FaultyJobQueue(new InMemoryJobQueue()) { IsDown = true };
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (_, _) => Task.CompletedTask), queue: queue);
        (await StatusAsync(worker, "readyz")).Should().Be(HttpStatusCode.ServiceUnavailable);
        (await StatusAsync(worker, "healthz")).Should().Be(HttpStatusCode.OK);

        queue.IsDown = false;

        await Eventually.IsTrue(async () => await StatusAsync(worker, "readyz") == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_broker_that_could_lose_jobs_stops_the_worker_and_is_named()
    {
        var before = Environment.ExitCode;
        try
        {
            var queue = new FaultyJobQueue(new InMemoryJobQueue())
            {
                OpenFailure = new JobQueueConfigurationException("maxmemory-policy is allkeys-lru: set it to noeviction."),
            };
            await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (_, _) => Task.CompletedTask), queue: queue);
            var stopping = worker.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;

            await Eventually.IsTrue(() => stopping.IsCancellationRequested);

            worker.Logs.Lines.Should().Contain(line => line.StartsWith("Critical") && line.Contains("set it to noeviction"));
            Environment.ExitCode.Should().Be(WorkerExit.Misconfigured);
        }
        finally
        {
            Environment.ExitCode = before;
        }
    }

    [Fact]
    public async Task A_broker_that_comes_to_be_one_that_could_lose_jobs_stops_the_worker_and_is_named()
    {
        var before = Environment.ExitCode;
        try
        {
            await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (_, _) => Task.CompletedTask));
            await worker.EndOfAsync(await worker.EnqueueAsync("t"));
            var stopping = worker.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;

            worker.Broker.FetchFailure = new JobQueueConfigurationException("maxmemory-policy is allkeys-lru: set it to noeviction.");
            await worker.EnqueueAsync("t");
            await Eventually.IsTrue(() => stopping.IsCancellationRequested);

            worker.Logs.Lines.Should().Contain(line => line.StartsWith("Critical") && line.Contains("set it to noeviction"));
            Environment.ExitCode.Should().Be(WorkerExit.Misconfigured);
        }
        finally
        {
            Environment.ExitCode = before;
        }
    }

    private static async Task<HttpStatusCode> StatusAsync(TestWorker worker, string path)
    {
        using var response = await worker.Management.GetAsync(new Uri(path, UriKind.Relative));
        return response.StatusCode;
    }
}
