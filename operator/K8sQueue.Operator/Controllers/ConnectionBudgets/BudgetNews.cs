using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Controllers.ConnectionBudgets;

/// <summary>Tells what pools, and whoever waits for a condition, must hear at once from what is only shown. Pure.</summary>
internal static class BudgetNews
{
    /// <summary>More than allocations, messages, and a pending pod that is now a granted one.</summary>
    public static bool IsUrgent(ConnectionBudgetStatus? before, ConnectionBudgetStatus? after) =>
        before is null || after is null
        || (before.InUse, before.Available, before.Capacity, before.Reserved, before.ObservedGeneration)
            != (after.InUse, after.Available, after.Capacity, after.Reserved, after.ObservedGeneration)
        || (before.Discovered?.Capacity, before.Discovered?.Source) != (after.Discovered?.Capacity, after.Discovered?.Source)
        || !Recorded(before).SetEquals(Recorded(after))
        || !Conditions(before).SetEquals(Conditions(after));

    private static HashSet<(string Uid, int Connections, DateTimeOffset? HeldSince)> Recorded(ConnectionBudgetStatus status) =>
        [.. (status.Granted ?? []).Concat(status.Pending ?? []).Concat(status.Held ?? []).Select(holder => (holder.Uid, holder.Connections, holder.Since))];

    private static HashSet<(string Type, string Status, string? Reason)> Conditions(ConnectionBudgetStatus status) =>
        [.. (status.Conditions ?? []).Select(condition => (condition.Type, condition.Status, condition.Reason))];
}
