using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Drains;

/// <summary>
/// Whether a worker hangs before it can have a job: its container runs for long, was never ready, and nobody listens on its management port. Each
/// of the three alone may be true of one that works; README.md says why all of them are not. Pure.
/// </summary>
internal static class BootHang
{
    // A worker that is slow to start, and a kubelet that is slow to say so.
    private static readonly TimeSpan Least = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RefusedFor = TimeSpan.FromSeconds(10);

    /// <summary>By what the kubelet says: its container was started longer ago than that, and has not been ready since.</summary>
    public static bool IsLongUnready(V1Pod pod, TimeSpan bound, DateTimeOffset now) =>
        pod.WorkerStatus() is { Ready: false, State.Running.StartedAt: { } startedAt }
        && startedAt + (bound > Least ? bound : Least) <= now
        // Another container that is not ready would hide that the worker was.
        && pod.Spec.Containers is [_] && pod.Spec.InitContainers?.Exists(container => container.RestartPolicy == "Always") != true
        && pod.Status?.Conditions.Find("ContainersReady") is { Status: V1Condition.False, LastTransitionTime: { } changed } && changed <= startedAt;

    /// <summary>By what its port says: this process never answered, and refuses without a break.</summary>
    public static bool IsDeaf(KeptAnswer? heard) =>
        heard is { Answer: WorkerAnswer.Silence { NobodyListens: true }, HasReported: false } && heard.At - heard.Since >= RefusedFor;
}
