using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Drains;

/// <summary>
/// The process that an answer is of, as far as the API server tells: a container that was started again, or an address that changed, is another,
/// and what was answered before says nothing of it.
/// </summary>
internal readonly record struct WorkerInstance(string? ContainerId, int Restarts, bool IsRunning, string? Address)
{
    public static WorkerInstance Of(V1Pod pod)
    {
        var status = pod.WorkerStatus();
        return new(status?.ContainerID, status?.RestartCount ?? 0, status?.State?.Running is not null, pod.Status?.PodIP);
    }
}
