using K8sQueue.LocalCluster.Autoscaling;
using K8sQueue.LocalCluster.Kubelet;
using K8sQueue.LocalCluster.Kubelet.Images;

namespace K8sQueue.LocalCluster.Hosting;

/// <summary>What runs beside the API server.</summary>
internal static class LocalClusterServices
{
    /// <exception cref="FormatException">An image without a command.</exception>
    public static void Add(IServiceCollection services, LocalClusterArguments arguments)
    {
        services.AddClusterControllers();
        if (arguments.HollowPods)
        {
            services.AddHollowKubelet();
        }
        else
        {
            services.AddKubelet(new KubeletOptions
            {
                DataDirectory = arguments.Data.FullName,
                Images = ImageMap.Parse(arguments.Images),
            });
        }

        services.AddAutoscaling(new AutoscalingOptions { InstallKeda = arguments.Keda, HorizontalSyncPeriod = arguments.HorizontalSyncPeriod });
    }
}
