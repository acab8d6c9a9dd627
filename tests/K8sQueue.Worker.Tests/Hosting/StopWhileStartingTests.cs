using K8sQueue.Core.InMemory;
using K8sQueue.Core.Queues;
using K8sQueue.Worker.Hosting;
using K8sQueue.Worker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace K8sQueue.Worker.Tests.Hosting;

/// <summary>A host with a worker that is told to stop before it has started.</summary>
[Collection(ExitCodeCollection.Name)]
public sealed class StopWhileStartingTests
{
    [Fact]
    public async Task A_worker_that_had_joined_its_queue_by_then_leaves_it_and_ends_as_drained()
    {
        await using var queue = new InMemoryJobQueue();
        using var host = Build(queue);

        var exit = await Task.Run(host.RunK8sQueueWorker).WaitAsync(WorkerOptions.DrainMargin);

        exit.Should().Be(WorkerExit.Drained);
        (await queue.GetStatisticsAsync(TestWorker.Queue, CancellationToken.None)).Consumers.Should().Be(0);
    }

    private static IHost Build(InMemoryJobQueue queue)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<IJobQueue>(queue);
        builder.Services.AddHostedService<StopOnceJoined>();
        builder.Services.AddK8sQueueWorker(o =>
        {
            o.Queues.Add(TestWorker.Queue);
            o.Name = "test";
            o.ManagementPort = null;
        }).AddHandler("t", (_, _) => Task.CompletedTask);
        return builder.Build();
    }

    /// <summary>The worker's services start after it, but its consumer is opened before.</summary>
    private sealed class StopOnceJoined(IJobQueue queue, IHostApplicationLifetime lifetime) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            await Eventually.IsTrue(async () => (await queue.GetStatisticsAsync(TestWorker.Queue, cancellationToken)).Consumers == 1);
            lifetime.StopApplication();
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
