using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Telemetry;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the Kubernetes client.</summary>
public static class KubernetesClientServiceCollectionExtensions
{
    /// <summary>Adds <see cref="IKubernetesClient"/>, by default with the kubeconfig or the pod's service account.</summary>
    public static IServiceCollection AddKubernetesClient(this IServiceCollection services, Action<KubernetesClientOptions>? configure = null)
    {
        services.AddOptions();
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.TryAddSingleton<RestClientMetrics>();
        services.TryAddSingleton(static provider => new KubernetesClient(
            provider.GetRequiredService<IOptions<KubernetesClientOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<RestClientMetrics>()));
        services.TryAddSingleton<IKubernetesClient>(static provider => provider.GetRequiredService<KubernetesClient>());
        if (configure is not null)
            services.Configure(configure);
        return services;
    }
}
