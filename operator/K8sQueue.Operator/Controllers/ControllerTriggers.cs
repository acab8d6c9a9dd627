using K8sQueue.Kubernetes.Informers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Scaling;

namespace K8sQueue.Operator.Controllers;

/// <summary>What a change of one object means to others.</summary>
internal static class ControllerTriggers
{
    /// <summary>A pool's own status is no news to its controller.</summary>
    public static bool IsWorthReconciling(V1Alpha1WorkerPool before, V1Alpha1WorkerPool after) =>
        before.Metadata.Generation != after.Metadata.Generation
        || before.IsDeleting() != after.IsDeleting()
        || before.Metadata.Finalizers?.Count != after.Metadata.Finalizers?.Count;

    public static IEnumerable<NamespacedName> PoolOf(V1Pod pod) =>
        pod.Label(Labels.Pool) is { } pool ? [new NamespacedName(pod.Metadata.Namespace!, pool)] : [];

    /// <summary>
    /// The pools to which the change of a budget means something: all that are charged to it, where there is more or less to give at all; else
    /// those that wait for connections, or are in a rollout. Whose share changes by it is told by <see cref="PoolAllocations"/>.
    /// </summary>
    public static IEnumerable<NamespacedName> PoolsOf(ResourceChange<V1Alpha1ConnectionBudget> change, PoolStores stores)
    {
        var (budget, pools) = (change.Latest, stores.Pools.List(change.Latest.Metadata.Namespace));
        var affected = IsOtherBudget(change)
            ? pools.Where(pool => IsCharged(pool, change.Old) || IsCharged(pool, change.New) || Waits(pool, stores))
            : HoldersChanged(change) ? pools.Where(pool => Waits(pool, stores)) : [];
        return affected.Select(pool => pool.Key());
    }

    private static bool IsOtherBudget(ResourceChange<V1Alpha1ConnectionBudget> change) =>
        change is not { Old: { } before, New: { } after }
        || before.Metadata.Generation != after.Metadata.Generation
        || before.IsDeleting() != after.IsDeleting()
        || before.Status is null != after.Status is null
        || BudgetCapacity.Of(before) is null != BudgetCapacity.Of(after) is null
        || ConnectionLedger.Usable(before) != ConnectionLedger.Usable(after);

    /// <summary>Rollouts look at who holds what.</summary>
    private static bool HoldersChanged(ResourceChange<V1Alpha1ConnectionBudget> change) =>
        change.Old!.Status?.Available != change.New!.Status?.Available
        || !HoldersIn(change.Old).SetEquals(HoldersIn(change.New));

    private static HashSet<string> HoldersIn(V1Alpha1ConnectionBudget budget) =>
        [.. (budget.Status?.Granted ?? []).Concat(budget.Status?.Pending ?? []).Select(holder => holder.Uid)];

    private static bool IsCharged(V1Alpha1WorkerPool pool, V1Alpha1ConnectionBudget? budget) =>
        budget is not null && PoolCharges.Of(pool.Spec, [budget]).Any(charge => charge.Budget == budget.Metadata.Name);

    private static bool Waits(V1Alpha1WorkerPool pool, PoolStores stores) =>
        stores.Deployments.WithLabel(Labels.Pool, pool.Metadata.Namespace, pool.Metadata.Name!).Count > 1
        || stores.PodsOf(pool).Any(pod => pod.IsGated());

    /// <summary>The budgets that the pool is charged to, those of its queues' Redis included.</summary>
    public static IEnumerable<NamespacedName> BudgetsOf(V1Alpha1WorkerPool pool, IResourceStore<V1Alpha1ConnectionBudget> budgets) =>
        PoolCharges.Of(pool.Spec, budgets.List(pool.Metadata.Namespace))
            .Select(charge => new NamespacedName(pool.Metadata.Namespace!, charge.Budget));

    /// <summary>Those that the pod was charged to, or is. A change of its readiness, its conditions or its node is nothing to a budget.</summary>
    public static IEnumerable<NamespacedName> BudgetsOf(ResourceChange<V1Pod> change) =>
        change is { Old: { } before, New: { } after } && HoldOf(before) == HoldOf(after)
            ? []
            : ((V1Pod?[])[change.Old, change.New]).OfType<V1Pod>().SelectMany(BudgetsOf).Distinct();

    private static (string? Uid, string? Pool, string? Charges, bool IsGated, bool HasEnded, bool EndIsUnsure) HoldOf(V1Pod pod) =>
        (pod.Metadata.Uid, pod.Label(Labels.Pool), pod.Annotation(Labels.Charges), pod.IsGated(), pod.HasEnded(), pod.EndIsUnsure());

    private static IEnumerable<NamespacedName> BudgetsOf(V1Pod pod) =>
        (pod.Charges()?.Keys ?? []).Select(budget => new NamespacedName(pod.Metadata.Namespace!, budget));
}
