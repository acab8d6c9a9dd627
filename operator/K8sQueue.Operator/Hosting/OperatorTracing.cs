using K8sQueue.Core.Telemetry;
using K8sQueue.Kubernetes.Telemetry;

namespace K8sQueue.Operator.Hosting;

/// <summary>The operator's spans.</summary>
public static class OperatorTracing
{
    private const string ServiceName = "k8squeue-operator";

    /// <inheritdoc cref="OtlpTracing.AddOtlpTracing"/>
    public static IServiceCollection AddOperatorTracing(this IServiceCollection services, IConfiguration configuration) =>
        services.AddOtlpTracing(configuration, ServiceName, KubernetesTracing.SourceName);
}
