using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Budgets;

/// <summary>
/// When a pod was let go to the scheduler. Its conditions don't tell: PodScheduled is False both behind the gate and where no node fits, and keeps
/// the time of its creation from the one to the other. So the patch that takes the gate off writes it down.
/// </summary>
internal static class GrantTime
{
    /// <summary>What is written on the pod, or its creation: without a gate that is the same.</summary>
    public static DateTimeOffset? GrantedAt(this V1Pod pod) => AnnotationTime.Read(pod.Annotation(Labels.GrantedAt)) ?? pod.Metadata.CreationTimestamp;
}
