using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Status;

/// <summary>The status of a pool. Pure, but for the clock of transitions.</summary>
public static class PoolStatusBuilder
{
    public static WorkerPoolStatus Build(V1Alpha1WorkerPool pool, PoolObservation seen, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(seen);
        var wanted = pool.Spec.Suspend ? 0 : seen.Desired;
        var status = new WorkerPoolStatus
        {
            // No more than was asked for, or the HPA's tolerance lets the demand climb after a surge.
            Replicas = Math.Min(wanted, seen.Pods.Serving),
            ReadyReplicas = seen.Pods.Ready,
            DesiredReplicas = seen.Desired,
            EffectiveMaxReplicas = seen.EffectiveMax,
            LimitedBy = seen.LimitedBy,
            DrainingReplicas = seen.Pods.Draining,
            OldestDrainStartedAt = seen.Drains.OldestStartedAt,
            WaitingReplicas = seen.Pods.Waiting,
            CurrentRevision = seen.Revision,
            StableRevision = RolloutCondition.StableRevision(pool, seen),
            UpdatedReplicas = seen.Pods.Updated,
            Selector = $"{Labels.Pool}={pool.Metadata.Name}",
            ObservedGeneration = pool.Metadata.Generation,
            Conditions = [.. (pool.Status?.Conditions ?? []).Select(Copy)],
        };
        foreach (var condition in PoolConditions.Of(pool, seen))
            status.Conditions.Set(condition, time);
        if (seen.Monitored is null)
            status.Conditions.Remove(Conditions.Monitored);
        return status;
    }

    private static V1Condition Copy(V1Condition condition) => new()
    {
        Type = condition.Type,
        Status = condition.Status,
        Reason = condition.Reason,
        Message = condition.Message,
        ObservedGeneration = condition.ObservedGeneration,
        LastTransitionTime = condition.LastTransitionTime,
    };
}
