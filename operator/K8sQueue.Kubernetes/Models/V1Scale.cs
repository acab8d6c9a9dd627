namespace K8sQueue.Kubernetes.Models;

/// <summary>The <c>scale</c> subresource (autoscaling/v1).</summary>
[KubernetesEntity(Group = "autoscaling", ApiVersion = "v1", Kind = "Scale", PluralName = "scales")]
public sealed class V1Scale : KubernetesObject
{
    public V1ScaleSpec Spec { get; set; } = new();

    public V1ScaleStatus? Status { get; set; }
}

public sealed class V1ScaleSpec
{
    public int Replicas { get; set; }
}

public sealed class V1ScaleStatus
{
    public int Replicas { get; set; }

    public string? Selector { get; set; }
}
