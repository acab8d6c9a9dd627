namespace K8sQueue.Kubernetes.Models;

/// <summary>
/// apps/v1 ReplicaSet, to be read. The pod template is left out, so that a cache of many stays small: change one by patches only.
/// </summary>
[KubernetesEntity(Group = "apps", ApiVersion = "v1", Kind = "ReplicaSet", PluralName = "replicasets")]
public sealed class V1ReplicaSet : KubernetesObject
{
    public V1ReplicaSetSpec Spec { get; set; } = new();

    public V1ReplicaSetStatus? Status { get; set; }
}

public sealed class V1ReplicaSetSpec
{
    public int? Replicas { get; set; }

    public V1LabelSelector? Selector { get; set; }
}

public sealed class V1ReplicaSetStatus
{
    public long? ObservedGeneration { get; set; }

    public int? Replicas { get; set; }

    public int? FullyLabeledReplicas { get; set; }

    public int? ReadyReplicas { get; set; }

    public int? AvailableReplicas { get; set; }

    public int? TerminatingReplicas { get; set; }

    public List<V1Condition>? Conditions { get; set; }
}
