using K8sQueue.LocalCluster.Controllers.Deployments;
using K8sQueue.LocalCluster.Controllers.Disruption;
using K8sQueue.LocalCluster.Controllers.Nodes;
using K8sQueue.LocalCluster.Controllers.ReplicaSets;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Controllers.Scheduling;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

public static class ClusterControllersExtensions
{
    /// <summary>Adds Deployments, ReplicaSets, the scheduler, disruption budgets and the node <c>local</c>. Needs an IClusterApi.</summary>
    public static IServiceCollection AddClusterControllers(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<EventRecorder>();
        services.AddHostedService<NodeHeartbeat>();
        services.AddHostedService<Scheduler>();
        services.AddHostedService<ReplicaSetController>();
        services.AddHostedService<DeploymentController>();
        services.AddHostedService<DisruptionController>();
        return services;
    }
}
