using System.Collections.Concurrent;
using System.Text;
using K8sQueue.Core.Telemetry;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Configuration;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Hosting;
using K8sQueue.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Trace;

namespace K8sQueue.Operator.Tests.Hosting;

public class OperatorTracingTests
{
    [Fact]
    public async Task Spans_of_requests_reach_the_collector_that_the_environment_names()
    {
        await using var collector = await Collector.StartAsync();
        using var host = Start(new Dictionary<string, string?>
        {
            [OtlpTracing.EndpointVariable] = collector.Address,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_EXPORTER_OTLP_HEADERS"] = "x-team=workers",
        });
        await host.StartAsync();
        using var client = new KubernetesClient(
            new KubernetesClientOptions { Configuration = new KubernetesClientConfiguration { Server = new Uri(collector.Address) } });

        await client.GetAsync<V1Pod>("traced-pod", "shop", default);
        await host.StopAsync();

        await Eventually.IsTrue(() => collector.Received.Any(r => r.Body.Contains("traced-pod", StringComparison.Ordinal)));
        var (path, team, body) = collector.Received.First(r => r.Body.Contains("traced-pod", StringComparison.Ordinal));
        path.Should().Be("/v1/traces");
        team.Should().Be("workers");
        body.Should().Contain("GET /api/v1/namespaces/{namespace}/pods/{name}").And.Contain("k8squeue-operator").And.Contain("service.name");
    }

    [Fact]
    public void Without_a_collector_there_is_no_provider()
    {
        using var host = Start([]);

        host.Services.GetService<TracerProvider>().Should().BeNull();
    }

    private static IHost Start(Dictionary<string, string?> environment)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(environment).Build();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddOperatorTracing(configuration);
        return builder.Build();
    }

    // Takes what an OTLP exporter posts; answers 404, as an API server that has no such object, to all else.
    private sealed class Collector(WebApplication app) : IAsyncDisposable
    {
        public ConcurrentQueue<(string Path, string Team, string Body)> Received { get; } = new();

        public string Address => app.Urls.Single() + "/";

        public static async Task<Collector> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var collector = new Collector(builder.Build());
            collector.Run();
            await collector.StartAppAsync();
            return collector;
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private Task StartAppAsync() => app.StartAsync(CancellationToken.None);

        private void Run() => app.Run(async context =>
        {
            if (context.Request.Method != "POST")
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            Received.Enqueue((context.Request.Path, context.Request.Headers["x-team"].ToString(), Encoding.UTF8.GetString(body.ToArray())));
        });
    }
}
