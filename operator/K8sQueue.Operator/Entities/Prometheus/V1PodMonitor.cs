using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Entities.Prometheus;

/// <summary>The Prometheus operator's monitoring.coreos.com/v1 PodMonitor, as far as it is written here.</summary>
[KubernetesEntity(Group = "monitoring.coreos.com", ApiVersion = "v1", Kind = "PodMonitor", PluralName = "podmonitors")]
public sealed class V1PodMonitor : KubernetesObject
{
    public PodMonitorSpec Spec { get; set; } = new();
}

public sealed class PodMonitorSpec
{
    public V1LabelSelector Selector { get; set; } = new();

    public List<PodMetricsEndpoint> PodMetricsEndpoints { get; set; } = [];
}

public sealed class PodMetricsEndpoint
{
    /// <summary>The name of a container's port.</summary>
    public string Port { get; set; } = "";

    public string Path { get; set; } = "";
}
