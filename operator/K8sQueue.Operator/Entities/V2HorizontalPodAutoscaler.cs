using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities.Keda;

namespace K8sQueue.Operator.Entities;

/// <summary>autoscaling/v2 HorizontalPodAutoscaler, as far as it is read here.</summary>
[KubernetesEntity(Group = "autoscaling", ApiVersion = "v2", Kind = "HorizontalPodAutoscaler", PluralName = "horizontalpodautoscalers")]
public sealed class V2HorizontalPodAutoscaler : KubernetesObject
{
    public HorizontalPodAutoscalerSpec Spec { get; set; } = new();
}

public sealed class HorizontalPodAutoscalerSpec
{
    public ScaleTargetReference ScaleTargetRef { get; set; } = new();
}
