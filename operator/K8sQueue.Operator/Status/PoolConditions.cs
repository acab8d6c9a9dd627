using System.Globalization;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Resources.Triggers;

namespace K8sQueue.Operator.Status;

/// <summary>The conditions of a pool. Pure.</summary>
internal static class PoolConditions
{
    public static IEnumerable<V1Condition> Of(V1Alpha1WorkerPool pool, PoolObservation seen)
    {
        var scaling = ScalingCondition.Of(seen);
        yield return Make(pool, Conditions.Ready, Ready(pool, seen, scaling));
        yield return Make(pool, Conditions.Progressing, RolloutCondition.Of(seen));
        yield return Make(pool, Conditions.ScalingReady, scaling);
        yield return Make(pool, Conditions.CapacityLimited, CapacityLimited(seen));
        yield return Make(pool, Conditions.Draining, DrainingCondition.Of(seen));
        yield return Make(pool, Conditions.Suspended, pool.Spec.Suspend
            ? (V1Condition.True, Reasons.Suspended, "spec.suspend is true: no worker runs.")
            : (V1Condition.False, Reasons.NotSuspended, "spec.suspend is false."));
        var signal = SignalCompleteness.Worst([.. QueueTriggers.OfAll("", pool.Spec.Queues, push: null).Select(queue => queue.Signal)]);
        yield return Make(pool, Conditions.SignalComplete, (signal.Status, signal.Reason, signal.Message));
        if (seen.Monitored is { } monitored)
            yield return Make(pool, Conditions.Monitored, (monitored.Status, monitored.Reason!, monitored.Message!));
    }

    private static (string Status, string Reason, string Message) Ready(
        V1Alpha1WorkerPool pool, PoolObservation seen, (string Status, string Reason, string Message) scaling)
    {
        if (seen.Problems is [var problem, ..])
            return (V1Condition.False, problem.Reason, problem.Message);
        if (seen.IsStalled)
            return RolloutCondition.Stalled(seen);
        if (scaling.Status != V1Condition.True)
            return (V1Condition.False, scaling.Reason, scaling.Message);
        if (seen.IsRollingOut)
        {
            var rollout = Text($"Ready pods of revision {seen.Revision}: {seen.Pods.UpdatedReady} of {seen.Target}.");
            return (V1Condition.False, Reasons.RollingOut, RolloutCondition.WithTrouble(rollout, seen));
        }

        if (seen.Target == 0)
            return Idle(pool, seen);
        var enough = RolloutCondition.Enough(pool, seen);
        if (seen.Pods.Ready >= enough)
            return (V1Condition.True, Reasons.AsExpected, Text($"Revision {seen.Revision} runs."));
        if (seen.Pods.Serving < enough && seen.Pods.Waiting > 0 && seen.LimitingBudget is { } budget)
            return (V1Condition.False, Reasons.WaitingForConnections, $"The pods wait for connections of the budget {budget}.");
        return (V1Condition.False, Reasons.PodsNotReady, RolloutCondition.WithTrouble(Text($"Ready pods: {seen.Pods.Ready} of {enough}."), seen));
    }

    private static (string Status, string Reason, string Message) Idle(V1Alpha1WorkerPool pool, PoolObservation seen)
    {
        if (pool.Spec.Suspend)
            return (V1Condition.True, Reasons.Suspended, "The pool is suspended.");
        return seen is { Desired: > 0, LimitingBudget: { } budget }
            ? (V1Condition.False, Reasons.WaitingForConnections, $"The budget {budget} leaves nothing for this pool.")
            : (V1Condition.True, Reasons.ScaledToZero, "Nothing to do: the pool is at zero.");
    }

    private static (string Status, string Reason, string Message) CapacityLimited(PoolObservation seen) =>
        seen.LimitingBudget is { } budget
            ? (V1Condition.True, Reasons.BudgetExhausted,
                $"The budget {budget} allows no more replicas now: raise its capacity, or lower perReplica or the demand of others.")
            : (V1Condition.False, Reasons.WithinBudget, "No budget keeps the pool smaller than asked.");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static V1Condition Make(V1Alpha1WorkerPool pool, string type, (string Status, string Reason, string Message) said) => new()
    {
        Type = type,
        Status = said.Status,
        Reason = said.Reason,
        Message = said.Message,
        ObservedGeneration = pool.Metadata.Generation,
    };
}
