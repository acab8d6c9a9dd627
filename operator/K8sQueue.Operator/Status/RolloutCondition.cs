using System.Globalization;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Status;

/// <summary>How far the spec's revision is, as the condition Progressing.</summary>
internal static class RolloutCondition
{
    public static (string Status, string Reason, string Message) Of(PoolObservation seen)
    {
        if (seen.IsStalled)
            return Stalled(seen);
        if (seen.IsRollingOut)
            return (V1Condition.True, Reasons.RollingOut, $"Revision {seen.Revision} takes the place of older ones.");
        return seen.Pods.Ready != seen.Target || seen.Pods.Waiting > 0 || seen.Pods.Draining > 0
            ? (V1Condition.True, Reasons.Scaling, Text($"Towards {seen.Target} replicas."))
            : (V1Condition.False, Reasons.Stable, "All replicas are ready.");
    }

    /// <summary>The word on a revision that had its time, for Ready and Progressing alike.</summary>
    public static (string Status, string Reason, string Message) Stalled(PoolObservation seen)
    {
        var what = Text($"Revision {seen.Revision} did not become ready in time: ready pods {seen.Pods.UpdatedReady} of {seen.Target}.");
        var others = seen.Pods.Serving > seen.Pods.Updated ? " Workers of an earlier revision go on." : "";
        return (V1Condition.False, Reasons.ProgressDeadlineExceeded,
            $"{WithTrouble(what, seen)}{others} Mend the cause, or apply the earlier template again.");
    }

    /// <summary>Ready pods without which a pool that has something to do is not ready.</summary>
    public static int Enough(V1Alpha1WorkerPool pool, PoolObservation seen) => Math.Max(1, Math.Min(pool.Spec.Scaling.MinReplicas, seen.Target));

    /// <summary>The last revision that was rolled out, this one included. At zero nothing is proven.</summary>
    public static string? StableRevision(V1Alpha1WorkerPool pool, PoolObservation seen) =>
        seen is { IsRollingOut: false, IsStalled: false, Target: > 0 } && seen.Pods.Proven >= Enough(pool, seen)
            ? seen.Revision
            : pool.Status?.StableRevision;

    public static string WithTrouble(string text, PoolObservation seen) => seen.Pods.Trouble is { } trouble ? $"{text} {trouble}." : text;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
