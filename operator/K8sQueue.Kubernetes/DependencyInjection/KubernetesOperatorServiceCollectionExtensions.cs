using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.Events;
using K8sQueue.Kubernetes.LeaderElection;
using K8sQueue.Kubernetes.WorkQueues;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers an operator.</summary>
public static class KubernetesOperatorServiceCollectionExtensions
{
    // What the host needs on top of the controllers' own time: the lease's release, the caches' end.
    private static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(10);

    /// <summary>Adds the client, and a hosted service that runs the controllers added to what this returns.</summary>
    public static IOperatorBuilder AddKubernetesOperator(this IServiceCollection services, Action<OperatorOptions>? configure = null)
    {
        services.AddKubernetesClient();
        services.AddLogging();
        services.AddMetrics();
        if (configure is not null)
            services.Configure(configure);
        services.TryAddSingleton<KubernetesClientJson>();
        services.TryAddSingleton<OperatorStatus>();
        services.TryAddSingleton<WorkQueueMetrics>();
        services.TryAddSingleton<ControllerMetrics>();
        services.TryAddSingleton<LeaderElectionMetrics>();
        services.TryAddSingleton<EventRecorder>();
        services.TryAddSingleton<EventPublisher>(static provider => provider.GetRequiredService<EventRecorder>().PublishAsync);
        services.AddHostedService(static provider => provider.GetRequiredService<EventRecorder>());
        services.AddHostedService<OperatorHost>();
        services.AddOptions<HostOptions>().PostConfigure<IOptions<OperatorOptions>>(static (host, options) =>
        {
            var needed = options.Value.GracefulStopTimeout + StopMargin;
            if (host.ShutdownTimeout < needed)
                host.ShutdownTimeout = needed;
        });
        return new OperatorBuilder(services);
    }
}
