namespace K8sQueue.Kubernetes.Models;

/// <summary>v1 Node, to be read: whether it is there and well.</summary>
[KubernetesEntity(ApiVersion = "v1", Kind = "Node", PluralName = "nodes", ClusterScoped = true)]
public sealed class V1Node : KubernetesObject
{
    public V1NodeSpec Spec { get; set; } = new();

    public V1NodeStatus? Status { get; set; }
}

public sealed class V1NodeSpec
{
    public bool? Unschedulable { get; set; }

    public List<V1Taint>? Taints { get; set; }
}

public sealed class V1Taint
{
    public string Key { get; set; } = "";

    public string? Value { get; set; }

    public string Effect { get; set; } = "";
}

public sealed class V1NodeStatus
{
    public List<V1Condition>? Conditions { get; set; }
}
