using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;

namespace K8sQueue.Operator.Drains;

/// <summary>Which stage a pod is in, by what the API server says of it. Pure.</summary>
internal static class PodStages
{
    /// <summary>What a ReplicaSet counts.</summary>
    public static bool IsActive(this V1Pod pod) => !pod.IsDeleting() && pod.Status?.Phase is not ("Succeeded" or "Failed");

    /// <param name="pod">A pod that is active. What runs beside its worker holds no jobs.</param>
    /// <param name="isExact">Its Deployment's pods are made with the gate, or only idle ones may go: so that only a gated one surely holds no work.</param>
    public static PodStage Of(V1Pod pod, bool isExact)
    {
        if (pod.IsGated())
            return PodStage.Empty;
        var status = pod.WorkerStatus();
        if (status is null || NeverStarted(status))
        {
            if (!isExact)
                return PodStage.Empty;
            // The kubelet reports a second or so after the fact, and a lost one never: a pod that is about to start may have.
            return string.IsNullOrEmpty(pod.Spec.NodeName) || (status is not null && IsHindered(status))
                ? PodStage.NotStarted
                : PodStage.Running;
        }

        return status.State is { Running: null } and not { Waiting: null, Terminated: null } ? PodStage.Stopped : PodStage.Running;
    }

    private static bool NeverStarted(V1ContainerStatus status) =>
        status.State is null or { Running: null, Terminated: null } && status.LastState is null or { Running: null, Terminated: null };

    private static bool IsHindered(V1ContainerStatus status) =>
        status.State?.Waiting?.Reason is { Length: > 0 } reason && reason is not ("ContainerCreating" or "PodInitializing");
}
