using K8sQueue.Core.Telemetry;
using K8sQueue.Kubernetes.Telemetry;

namespace K8sQueue.Operator.Hosting;

/// <summary>What the operator sends to a collector.</summary>
public static class OperatorTelemetry
{
    private const string ServiceName = "k8squeue-operator";

    /// <summary>Sends the spans of reconciliations and requests, and the metrics, where the environment names a collector.</summary>
    public static IServiceCollection AddOperatorTelemetry(this IServiceCollection services, IConfiguration configuration) => services
        .AddOtlpTracing(configuration, ServiceName, KubernetesTracing.SourceName)
        .AddOtlpMetrics(configuration, ServiceName);
}
