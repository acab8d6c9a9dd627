namespace K8sQueue.Kubernetes.Models;

/// <summary>policy/v1 PodDisruptionBudget.</summary>
[KubernetesEntity(Group = "policy", ApiVersion = "v1", Kind = "PodDisruptionBudget", PluralName = "poddisruptionbudgets")]
public sealed class V1PodDisruptionBudget : KubernetesObject
{
    public V1PodDisruptionBudgetSpec Spec { get; set; } = new();

    public V1PodDisruptionBudgetStatus? Status { get; set; }
}

public sealed class V1PodDisruptionBudgetSpec
{
    public IntOrString? MinAvailable { get; set; }

    public IntOrString? MaxUnavailable { get; set; }

    public V1LabelSelector? Selector { get; set; }

    /// <summary>IfHealthyBudget or AlwaysAllow.</summary>
    public string? UnhealthyPodEvictionPolicy { get; set; }
}

public sealed class V1PodDisruptionBudgetStatus
{
    public long? ObservedGeneration { get; set; }

    public int CurrentHealthy { get; set; }

    public int DesiredHealthy { get; set; }

    public int DisruptionsAllowed { get; set; }

    public int ExpectedPods { get; set; }

    public List<V1Condition>? Conditions { get; set; }
}
