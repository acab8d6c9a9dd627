using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Autoscaling.Crds;

namespace K8sQueue.LocalCluster.Autoscaling;

/// <summary>Installs KEDA's CRDs at the start, if that is wanted.</summary>
internal sealed class KedaInstaller(IClusterApi api, AutoscalingOptions options) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.InstallKeda)
            KedaCrds.Install(api);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
