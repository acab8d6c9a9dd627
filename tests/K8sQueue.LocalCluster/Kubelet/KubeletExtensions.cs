using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Kubelet;
using K8sQueue.LocalCluster.Kubelet.Hollow;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

public static class KubeletExtensions
{
    /// <summary>Adds the kubelet of the node <c>local</c>, which runs pods as processes. Needs an IClusterApi.</summary>
    public static IServiceCollection AddKubelet(this IServiceCollection services, KubeletOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<EventRecorder>();
        services.AddSingleton(options);
        services.AddHostedService<KubeletService>();
        return services;
    }

    /// <summary>Adds a kubelet of the node <c>local</c> whose pods are ready at once and run nothing. Needs an IClusterApi.</summary>
    public static IServiceCollection AddHollowKubelet(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddHostedService<HollowKubelet>();
        return services;
    }
}
