using K8sQueue.Kubernetes.Client;
using K8sQueue.Operator.Discovery;
using K8sQueue.Operator.Push;
using K8sQueue.Operator.Push.Backlogs;
using K8sQueue.Operator.Push.Certificates;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the scaler of pushed queues.</summary>
public static class PushServiceCollectionExtensions
{
    /// <param name="namespace">Where the operator's own Secret is.</param>
    public static IServiceCollection AddPush(this IServiceCollection services, PushSettings settings, string @namespace)
    {
        services.AddSingleton(provider => new PushIdentity(
            provider.GetRequiredService<IKubernetesClient>(), settings, @namespace,
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<PushIdentity>>()));
        services.AddSingleton<ClientSecrets>();
        services.AddSingleton(provider => new BacklogSources(
            provider.GetRequiredService<IKubernetesClient>(), provider.GetRequiredService<ServerGuard>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<ExternalScalerService>();
        services.AddSingleton<PushMetrics>();
        services.AddHostedService<PushServer>();
        return services;
    }
}
