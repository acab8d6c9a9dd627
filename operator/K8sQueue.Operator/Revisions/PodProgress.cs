using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;

namespace K8sQueue.Operator.Revisions;

/// <summary>What one pod says about the progress of its revision.</summary>
internal static class PodProgress
{
    /// <summary>Restarts after which a pod is taken to be in a loop: that it is ready for a moment is no progress.</summary>
    private const int Loop = 3;

    /// <summary>How long a pod that is in a loop has to be ready to be believed.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromSeconds(60);

    public static bool IsReady(this V1Pod pod) => pod.Status?.Conditions.IsTrue("Ready") == true;

    /// <summary>Ready, and no doubt that it stays so.</summary>
    public static bool IsReadyToStay(this V1Pod pod, TimeSpan minReady, DateTimeOffset now) =>
        pod.IsReady() && pod.ReadyToStayAt(minReady) <= now;

    /// <summary>It shows that the revision works: one that had to be started again has to be ready for longer.</summary>
    public static bool IsProof(this V1Pod pod, TimeSpan minReady, DateTimeOffset now) => pod.IsReady() && pod.ProofAt(minReady) <= now;

    /// <summary>When a ready pod is proof, if it stays so.</summary>
    public static DateTimeOffset ProofAt(this V1Pod pod, TimeSpan minReady) =>
        pod.StaysFrom(pod.Status?.ContainerStatuses?.Exists(status => status.RestartCount > 0) == true ? Longer(Settling, minReady) : minReady);

    /// <summary>When a ready pod is believed to stay so.</summary>
    public static DateTimeOffset ReadyToStayAt(this V1Pod pod, TimeSpan minReady) =>
        pod.StaysFrom(pod.IsLooping() ? Longer(Settling, minReady) : minReady);

    private static DateTimeOffset StaysFrom(this V1Pod pod, TimeSpan after) => (pod.ReadyChangedAt() ?? DateTimeOffset.MinValue) + after;

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    /// <summary>When it became ready, or ceased to be.</summary>
    public static DateTimeOffset? ReadyChangedAt(this V1Pod pod) => pod.Status?.Conditions.Find("Ready")?.LastTransitionTime;

    /// <summary>Since when a pod without the gate keeps its revision waiting. One that was ready, and is in no loop, has its time from when it ceased to be.</summary>
    public static DateTimeOffset? UnreadySince(this V1Pod pod)
    {
        var granted = pod.GrantedAt();
        return !pod.IsLooping() && pod.ReadyChangedAt() is { } changed && (granted is null || changed > granted) ? changed : granted;
    }

    public static bool IsLooping(this V1Pod pod) => pod.Status?.ContainerStatuses?.Exists(status => status.RestartCount > Loop) == true;
}
