using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Status;

/// <summary>Which changes of conditions are worth an event.</summary>
internal static class PoolEvents
{
    private static readonly HashSet<string> Ordinary = new(StringComparer.Ordinal)
    {
        Reasons.AsExpected, Reasons.ScaledToZero, Reasons.Suspended, Reasons.RollingOut, Reasons.PodsNotReady, Reasons.WaitingForKeda,
        Reasons.WaitingForConnections, Reasons.WaitingForCollection,
    };

    public static IEnumerable<(EventType Type, string Reason, string Message)> Of(WorkerPoolStatus? before, WorkerPoolStatus after)
    {
        if (before?.StableRevision is { } stable && after.StableRevision is { } revision && revision != stable)
            yield return (EventType.Normal, Reasons.RolloutCompleted, $"Revision {revision} has taken the place of {stable}.");
        foreach (var item in Of(before?.Conditions, after.Conditions))
            yield return item;
    }

    private static IEnumerable<(EventType Type, string Reason, string Message)> Of(
        IReadOnlyList<V1Condition>? before, IReadOnlyList<V1Condition>? after)
    {
        foreach (var condition in after ?? [])
        {
            var old = before.Find(condition.Type);
            if (old?.Status == condition.Status && old.Reason == condition.Reason)
                continue;
            if (Worth(condition, old) is { } type)
                yield return (type, condition.Reason!, condition.Message!);
        }
    }

    private static EventType? Worth(V1Condition condition, V1Condition? old) => condition.Type switch
    {
        Conditions.Ready when condition.Reason == Reasons.ProgressDeadlineExceeded => null,
        Conditions.Progressing when condition.Reason == Reasons.ProgressDeadlineExceeded => EventType.Warning,
        Conditions.Ready when condition.Status == V1Condition.False && !Ordinary.Contains(condition.Reason!) => EventType.Warning,
        Conditions.Ready when condition.Status == V1Condition.True && old is not null && !Ordinary.Contains(old.Reason!) => EventType.Normal,
        Conditions.CapacityLimited when condition.Status == V1Condition.True => EventType.Warning,
        Conditions.CapacityLimited when old?.Status == V1Condition.True => EventType.Normal,
        Conditions.Monitored when condition.Status == V1Condition.False && !Ordinary.Contains(condition.Reason!) => EventType.Warning,
        Conditions.Monitored when condition.Status == V1Condition.True && old is not null && !Ordinary.Contains(old.Reason!) => EventType.Normal,
        Conditions.Suspended when condition.Status == V1Condition.True || old is not null => EventType.Normal,
        _ => null,
    };
}
