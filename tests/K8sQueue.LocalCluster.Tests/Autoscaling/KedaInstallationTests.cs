using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Autoscaling;
using K8sQueue.LocalCluster.Autoscaling.Crds;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Tests.Controllers;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.LocalCluster.Tests.Autoscaling;

public sealed class KedaInstallationTests
{
    [Fact]
    public async Task Without_KEDAs_definitions_there_is_no_ScaledObject_until_somebody_applies_them()
    {
        await using var cluster = await RunningCluster.StartAsync(s => s.AddAutoscaling(new AutoscalingOptions { InstallKeda = false }));
        var value = ScaledObjectSamples.Build("so", "web");
        FluentActions.Invoking(() => cluster.Api.Create(GroupResource.ScaledObjects, value)).Should().Throw<ClusterApiException>().Which.Code.Should().Be(404);

        KedaCrds.Install(cluster.Api);
        cluster.Api.Create(GroupResource.ScaledObjects, value);

        await cluster.Eventually(() => StatusConditions.Find(cluster.Api.Get(GroupResource.ScaledObjects, "default", "so").At("status"), "Ready").TextAt("reason") == "ScaledObjectCheckFailed");
    }
}
