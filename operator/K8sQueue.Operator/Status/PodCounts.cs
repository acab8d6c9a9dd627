using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;

namespace K8sQueue.Operator.Status;

/// <summary>A pool's pods, counted.</summary>
/// <param name="Serving">Granted, not on their way out, not ended.</param>
/// <param name="Ready">Serving and ready.</param>
/// <param name="Updated">Serving, of the current revision.</param>
/// <param name="UpdatedReady">Serving and ready, of the current revision.</param>
/// <param name="Draining">On their way out, not ended.</param>
/// <param name="Waiting">With the gate.</param>
/// <param name="Trouble">
/// Why a pod of the current revision does not become ready, in the pod's own words, or why it can't even be made; null where nothing says so.
/// </param>
public sealed record PodCounts(int Serving, int Ready, int Updated, int UpdatedReady, int Draining, int Waiting, string? Trouble)
{
    public static PodCounts Of(IReadOnlyList<V1Pod> pods, string? currentRevision, V1Deployment? current = null)
    {
        ArgumentNullException.ThrowIfNull(pods);
        var serving = pods.Where(pod => !pod.IsGated() && !pod.IsDeleting() && !pod.HasEnded()).ToList();
        var updated = serving.Where(pod => pod.Label(Labels.Revision) == currentRevision).ToList();
        return new PodCounts(
            serving.Count,
            serving.Count(IsReady),
            updated.Count,
            updated.Count(IsReady),
            pods.Count(pod => !pod.IsGated() && pod.IsDeleting() && !pod.HasEnded()),
            pods.Count(pod => pod.IsGated() && !pod.IsDeleting()),
            updated.OrderBy(pod => pod.Metadata.Name, StringComparer.Ordinal).Select(TroubleOf).FirstOrDefault(trouble => trouble is not null)
                ?? TroubleOf(current));
    }

    public static bool IsReady(V1Pod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return pod.Status?.Conditions.IsTrue("Ready") == true;
    }

    private static string? TroubleOf(V1Pod pod)
    {
        var statuses = (pod.Status?.InitContainerStatuses ?? []).Concat(pod.Status?.ContainerStatuses ?? []);
        foreach (var status in statuses)
        {
            if (status.State?.Waiting is { Reason: { } reason } waiting && reason is not ("ContainerCreating" or "PodInitializing"))
                return Text(pod, reason, LastExit(status) ?? waiting.Message);
        }

        return pod.Status?.Conditions.Find("PodScheduled") is { Status: V1Condition.False, Reason: "Unschedulable" } scheduled
            ? Text(pod, "Unschedulable", scheduled.Message)
            : null;
    }

    /// <summary>A quota, Pod Security or a missing ServiceAccount.</summary>
    private static string? TroubleOf(V1Deployment? deployment) =>
        deployment?.Status?.Conditions.Find("ReplicaFailure") is { Status: V1Condition.True } failure
            ? $"{failure.Reason}: {failure.Message}"
            : null;

    private static string? LastExit(V1ContainerStatus status) =>
        status.LastState?.Terminated is { } last
            ? FormattableString.Invariant($"container {status.Name} exited with {last.ExitCode} ({last.Reason})")
            : null;

    private static string Text(V1Pod pod, string reason, string? message) =>
        $"{pod.Metadata.Name}: {reason}{(string.IsNullOrEmpty(message) ? "" : ": " + message)}";
}
