using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Entities;

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

    /// <summary>The pools that the budget's status shows: those that ask for some of it.</summary>
    public static IEnumerable<NamespacedName> PoolsOf(V1Alpha1ConnectionBudget budget) =>
        (budget.Status?.Allocations ?? []).Select(allocation => new NamespacedName(budget.Metadata.Namespace!, allocation.Pool));

    public static IEnumerable<NamespacedName> BudgetsOf(V1Alpha1WorkerPool pool) =>
        (pool.Spec.Connections ?? []).Select(connection => new NamespacedName(pool.Metadata.Namespace!, connection.Budget));

    public static IEnumerable<NamespacedName> BudgetsOf(V1Pod pod) =>
        (pod.Charges()?.Keys ?? []).Select(budget => new NamespacedName(pod.Metadata.Namespace!, budget));
}
