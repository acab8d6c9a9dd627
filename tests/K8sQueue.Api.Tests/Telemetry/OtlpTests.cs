using K8sQueue.Api.Hosting;
using K8sQueue.Core.InMemory;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Api.Tests.Telemetry;

public sealed class OtlpTests
{
    [Fact]
    public async Task The_queues_counts_go_to_the_collector_that_the_environment_names_and_to_scrapes()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var app = ApiHost.Build(
            [
                "--urls=http://127.0.0.1:0", "--K8SQUEUE_REDIS_ADDRESS=127.0.0.1:1", $"--{ApiOptions.AnonymousVariable}=true",
                $"--OTEL_EXPORTER_OTLP_ENDPOINT={collector.Address}", "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "--OTEL_METRIC_EXPORT_INTERVAL=100",
            ],
            builder => builder.Services.AddSingleton<IJobQueue>(new InMemoryJobQueue()));
        await app.Services.GetRequiredService<IJobQueue>().EnqueueAsync([new JobRequest { Queue = "told-by-otlp", Type = "t" }], CancellationToken.None);
        await app.StartAsync(CancellationToken.None);

        await Eventually.IsTrue(() => collector.Has("/v1/metrics", "k8squeue-api", "k8squeue.queue.demand", "told-by-otlp"));
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        await Eventually.Passes(async () => (await client.GetStringAsync("/metrics", CancellationToken.None)).Should().Contain("told-by-otlp"));
        await app.StopAsync(CancellationToken.None);
    }
}
