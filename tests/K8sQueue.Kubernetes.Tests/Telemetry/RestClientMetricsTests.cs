using System.Diagnostics.Metrics;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Configuration;
using K8sQueue.Kubernetes.Telemetry;
using K8sQueue.Kubernetes.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Kubernetes.Tests.Telemetry;

public class RestClientMetricsTests
{
    [Fact]
    public async Task Every_try_is_counted_by_code_method_and_host()
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        using var measured = new MeasurementRecorder(meters);
        await using var server = await FakeApiServer.StartAsync();
        server.On("GET", V1Widget.ShopPath + "/one",
            Answers.Status(429, "TooManyRequests", "busy", retryAfter: 0),
            Answers.Json(Answers.Widget("one", "1")),
            Answers.Abort);
        var options = new KubernetesClientOptions { Configuration = new KubernetesClientConfiguration { Server = server.Address } };
        options.JsonContexts.Add(TestJsonContext.Default);
        using var client = new KubernetesClient(options, metrics: new RestClientMetrics(meters));

        await client.GetAsync<V1Widget>("one", "shop", default);
        var broken = () => client.GetAsync<V1Widget>("one", "shop", default);
        await broken.Should().ThrowAsync<KubernetesApiException>();

        var host = server.Address.Authority;
        measured[$"rest_client_requests_total code=429 method=GET host={host}"].Should().Be(1);
        measured[$"rest_client_requests_total code=200 method=GET host={host}"].Should().Be(1);
        measured[$"rest_client_requests_total code=<error> method=GET host={host}"].Should().Be(3, "a connection that breaks is tried again twice for a GET");
        measured.Sums.Should().ContainKey($"rest_client_request_duration_seconds verb=GET host={host}");
    }
}
