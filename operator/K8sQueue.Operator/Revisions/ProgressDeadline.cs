using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;

namespace K8sQueue.Operator.Revisions;

/// <summary>Whether a revision has had its time.</summary>
/// <param name="IsStalled">It has, and no pod of it became ready since.</param>
/// <param name="LookAgainAfter">When the answer may change by itself; null for never.</param>
internal sealed record RolloutProgress(bool IsStalled, TimeSpan? LookAgainAfter);

/// <summary>
/// The deadline of a rollout, told from what others wrote down, so that neither a restart of the operator nor another leader starts it anew: it
/// runs from the last pod that became ready, or from the grant of the one that has not for longest, whichever is later. Pods that wait
/// for their grant don't count.
/// </summary>
internal static class ProgressDeadline
{
    /// <summary>In deadlines: a stalled revision of which no pod is left to see it heal by is tried again after that.</summary>
    public const int RetryAfter = 10;

    /// <param name="pods">The revision's pods.</param>
    /// <param name="deployment">The revision's Deployment.</param>
    /// <param name="target">Replicas that it is to have in the end.</param>
    /// <param name="minReady">How long a pod has to be ready to count as that.</param>
    /// <param name="stalledAt">When the status said that this very revision is stalled; null where it does not.</param>
    public static RolloutProgress Of(
        IReadOnlyList<V1Pod> pods, V1Deployment deployment, int target, TimeSpan deadline, TimeSpan minReady, DateTimeOffset? stalledAt, DateTimeOffset now)
    {
        var granted = pods.Where(pod => !pod.IsGated() && !pod.IsDeleting()).ToList();
        var ready = granted.FindAll(pod => pod.IsReadyToStay(minReady, now));
        var last = ready.Max(pod => pod.ReadyChangedAt());
        var start = StartOf(granted, deployment, last, pod => (pod.IsReady() && !pod.IsLooping()) || pod.IsReadyToStay(minReady, now));
        var settling = granted.FindAll(pod => pod.IsReady()).SelectMany(pod => new[] { pod.ReadyToStayAt(minReady), pod.ProofAt(minReady) })
            .Where(at => at > now).Select(at => (TimeSpan?)(at - now)).Min();
        if (start + deadline <= now)
            return new(true, settling);
        if (stalledAt is { } since && !(last >= since) && ready.Count < Math.Max(1, target) && since + (RetryAfter * deadline) is var retry && retry > now)
            return new(true, Earlier(settling, retry - now));
        return new(false, Earlier(settling, start + deadline - now));
    }

    private static DateTimeOffset? StartOf(List<V1Pod> granted, V1Deployment deployment, DateTimeOffset? last, Func<V1Pod, bool> isReady)
    {
        var waiting = granted.FindAll(pod => !pod.HasEnded() && !isReady(pod));
        // Pods that the kubelet refuses end at once and are replaced for ever: the first of them tells since when.
        var refused = waiting.Count == 0 ? [] : granted.FindAll(pod => pod.HasEnded() && (last is null || pod.GrantedAt() > last));
        var start = waiting.Min(pod => pod.UnreadySince());
        if (refused.Min(pod => pod.GrantedAt()) is { } first && first < start)
            start = first;
        var failure = deployment.Status?.Conditions.Find("ReplicaFailure");
        if (failure is { Status: V1Condition.True, LastTransitionTime: { } failed } && (start is null || failed < start)
            && granted.Count(pod => !pod.HasEnded()) < deployment.Spec.Replicas)
            start = failed;
        return start < last ? last : start;
    }

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other ?? one : one;
}
