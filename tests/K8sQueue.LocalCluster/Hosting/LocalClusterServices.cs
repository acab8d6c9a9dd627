using K8sQueue.LocalCluster.Kubelet;
using K8sQueue.LocalCluster.Kubelet.Images;

namespace K8sQueue.LocalCluster.Hosting;

/// <summary>What runs beside the API server.</summary>
internal static class LocalClusterServices
{
    public static void Add(IServiceCollection services, LocalClusterArguments arguments)
    {
        services.AddClusterControllers();
        services.AddKubelet(new KubeletOptions
        {
            DataDirectory = arguments.Data.FullName,
            Images = ImageMap.Parse(arguments.Images),
        });
    }
}
