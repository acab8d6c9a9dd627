using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Prometheus;
using K8sQueue.Operator.Resources.Pods;

namespace K8sQueue.Operator.Resources;

/// <summary>The PodMonitor by which Prometheus reads the metrics of the pool's pods. They ask for no token.</summary>
public static class PodMonitorBuilder
{
    /// <summary>Null where the pods have no port for it.</summary>
    public static V1PodMonitor? Build(V1Alpha1WorkerPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        var name = pool.Metadata.Name!;
        return MetricsPort.NameOf(pool.Spec) is not { } port ? null : new V1PodMonitor
        {
            ApiVersion = "monitoring.coreos.com/v1",
            Kind = "PodMonitor",
            Metadata = ChildMetadata.Of(pool, name, pool.Spec.Monitoring.Labels),
            Spec = new PodMonitorSpec
            {
                Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { [Labels.Pool] = name } },
                PodMetricsEndpoints = [new PodMetricsEndpoint { Port = port, Path = MetricsPort.Path }],
            },
        };
    }
}
