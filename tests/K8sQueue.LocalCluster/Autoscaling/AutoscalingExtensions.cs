using K8sQueue.LocalCluster.Admission;
using K8sQueue.LocalCluster.Autoscaling;
using K8sQueue.LocalCluster.Autoscaling.Horizontal;
using K8sQueue.LocalCluster.Autoscaling.ScaledObjects;
using K8sQueue.LocalCluster.Autoscaling.Scalers;
using K8sQueue.LocalCluster.Autoscaling.Targets;
using K8sQueue.LocalCluster.Controllers.Runtime;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

public static class AutoscalingExtensions
{
    /// <summary>Adds the stand-in for KEDA and the controller of HorizontalPodAutoscalers. Needs an IClusterApi.</summary>
    public static IServiceCollection AddAutoscaling(this IServiceCollection services, AutoscalingOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<EventRecorder>();
        services.AddSingleton(options);
        services.AddSingleton<ScaleTargets>();
        services.AddSingleton<ScalerFactory>();
        services.AddSingleton<TriggerAuthentications>();
        services.AddSingleton<ScaledObjectRegistry>();
        services.AddSingleton<IAdmissionValidator, ScaledObjectValidator>();
        services.AddHostedService<KedaInstaller>();
        services.AddHostedService<ScaledObjectController>();
        services.AddHostedService<HorizontalController>();
        return services;
    }
}
