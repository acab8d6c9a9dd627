using System.Diagnostics.Metrics;
using K8sQueue.Core.Telemetry;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Configuration;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Hosting;
using K8sQueue.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace K8sQueue.Operator.Tests.Hosting;

public class OperatorTelemetryTests
{
    [Fact]
    public async Task Spans_of_requests_reach_the_collector_that_the_environment_names()
    {
        await using var collector = await OtlpCollector.StartAsync();
        using var host = Start(new Dictionary<string, string?>
        {
            ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = collector.Address + "v1/traces",
            ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] = "http/protobuf",
            ["OTEL_EXPORTER_OTLP_HEADERS"] = "x-team=nobody",
            ["OTEL_EXPORTER_OTLP_TRACES_HEADERS"] = "x-team=workers",
        });
        host.Services.GetService<MeterProvider>().Should().BeNull();
        await host.StartAsync();
        using var client = new KubernetesClient(
            new KubernetesClientOptions { Configuration = new KubernetesClientConfiguration { Server = new Uri(collector.Address) } });

        await client.GetAsync<V1Pod>("traced-pod", "shop", default);
        await host.StopAsync();

        await Eventually.IsTrue(() => collector.Has("/v1/traces", "traced-pod"));
        var (_, headers, body) = collector.Received.First(r => r.Body.Contains("traced-pod", StringComparison.Ordinal));
        headers["x-team"].Should().Be("workers");
        body.Should().Contain("GET /api/v1/namespaces/{namespace}/pods/{name}").And.Contain("k8squeue-operator").And.Contain("service.name");
    }

    [Fact]
    public async Task Metrics_reach_it_too_at_the_end_at_the_latest()
    {
        await using var collector = await OtlpCollector.StartAsync();
        using var meter = new Meter("K8sQueue.Operator.Tests");

        // The last time has 2 s, which a busy machine may need for less.
        await Eventually.Passes(async () =>
        {
            using var host = Start(new Dictionary<string, string?>
            {
                [OtlpExport.EndpointVariable] = collector.Address,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_TRACES_EXPORTER"] = "none",
            });
            host.Services.GetService<TracerProvider>().Should().BeNull();
            await host.StartAsync();
            meter.CreateCounter<long>("k8squeue.tests.run").Add(1);

            await host.StopAsync();

            collector.Has("/v1/metrics", "k8squeue.tests.run", "k8squeue-operator").Should().BeTrue();
        });
    }

    [Fact]
    public void Without_a_collector_there_is_no_provider()
    {
        using var host = Start([]);

        host.Services.GetService<TracerProvider>().Should().BeNull();
        host.Services.GetService<MeterProvider>().Should().BeNull();
    }

    private static IHost Start(Dictionary<string, string?> environment)
    {
        environment["OTEL_EXPORTER_OTLP_TIMEOUT"] = "60000";
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(environment).Build();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddOperatorTelemetry(configuration);
        return builder.Build();
    }
}
