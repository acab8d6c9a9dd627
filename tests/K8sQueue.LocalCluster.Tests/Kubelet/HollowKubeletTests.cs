using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Tests.Controllers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace K8sQueue.LocalCluster.Tests.Kubelet;

public sealed class HollowKubeletTests : IAsyncLifetime, IDisposable
{
    private readonly TestCluster _cluster = new(services =>
    {
        services.AddClusterControllers();
        services.AddHollowKubelet();
    });

    private List<IHostedService> _services = [];

    public async Task InitializeAsync()
    {
        _services = [.. _cluster.Get<IEnumerable<IHostedService>>()];
        foreach (var service in _services)
            await service.StartAsync(CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        foreach (var service in Enumerable.Reverse(_services))
            await service.StopAsync(CancellationToken.None);
    }

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task A_hollow_pod_is_ready_without_running_and_ends_when_it_is_told()
    {
        _cluster.Api.Create(GroupResource.Pods, RunningCluster.Script("web", "exit 1"));

        await Testing.Eventually.IsTrue(() => Pod()?["status"] is JsonObject status && StatusConditions.IsTrue(status, "Ready"));
        Pod()!.TextAt("status", "phase").Should().Be("Running");
        Pod()!.TextAt("status", "podIP").Should().StartWith("127.43.");

        _cluster.Api.Delete(GroupResource.Pods, "default", "web");

        await Testing.Eventually.IsTrue(() => Pod() is null);
    }

    private JsonObject? Pod() => _cluster.Api.Get(GroupResource.Pods, "default", "web");
}
