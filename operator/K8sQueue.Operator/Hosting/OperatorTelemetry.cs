using K8sQueue.Core.Telemetry;
using K8sQueue.Kubernetes.Telemetry;

namespace K8sQueue.Operator.Hosting;

/// <summary>What the operator sends to a collector.</summary>
public static class OperatorTelemetry
{
    private const string ServiceName = "k8squeue-operator";

    /// <summary>Sends the spans of reconciliations and requests, and the metrics, where the environment names a collector.</summary>
    /// <param name="stopMilliseconds">How long sending metrics a last time may take; <see cref="Timeout.Infinite"/> for no end. The default value is 2000.</param>
    public static IServiceCollection AddOperatorTelemetry(
        this IServiceCollection services, IConfiguration configuration, int stopMilliseconds = OtlpMetrics.DefaultStopMilliseconds) => services
        .AddOtlpTracing(configuration, ServiceName, KubernetesTracing.SourceName)
        .AddOtlpMetrics(configuration, ServiceName, stopMilliseconds);
}
