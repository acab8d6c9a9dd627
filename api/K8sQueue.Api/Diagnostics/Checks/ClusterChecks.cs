using K8sQueue.Api.Cluster.Resources;
using K8sQueue.Kubernetes.Models;
using static System.FormattableString;

namespace K8sQueue.Api.Diagnostics.Checks;

/// <summary>Whether pools and budgets fare as they should.</summary>
internal static class ClusterChecks
{
    public static readonly IReadOnlyList<DiagnosticCheck> All =
    [
        new(
            "cluster-unreachable",
            "`/v1/pools` and `/v1/budgets` answer 503.",
            "The API server does not answer, or the API's ServiceAccount has no rights there.",
            "Look at `detail`; the chart's `api.cluster.enabled` gives the rights. `K8SQUEUE_CLUSTER=off` where there shall be none.",
            facts => !facts.HasCluster ? Finding.Skipped("There is no cluster.") : facts.ClusterFault is { } fault ? Finding.Error(fault) : Finding.Ok),
        new(
            "pool-not-observed",
            "A change of a pool does nothing.",
            "No operator watches its namespace, or none runs.",
            "Look at the operator's Deployment, its log, and `operator.watchNamespaces`.",
            facts => Pools(facts, DiagnosticStatus.Error, pool => pool.Status?.ObservedGeneration is { } seen && seen == pool.Metadata.Generation
                ? null
                : "its status is not about its spec")),
        new(
            "pool-not-ready",
            "A pool has fewer workers than it should, or old ones.",
            "Its pods do not start, KEDA can't scale it, or something that it names is missing: the condition says it.",
            "Mend what the condition names: `docs/reference/workerpool.md` has what each reason asks for.",
            facts => Pools(facts, DiagnosticStatus.Error, pool => NotTrue(pool, "Ready"))),
        new(
            "signal-incomplete",
            "A pool shrinks, or goes to zero, while its jobs run.",
            "Its queue's system does not tell how many jobs are in flight.",
            "Count them by a setting that the condition names, or keep `minReplicas` above zero.",
            facts => Pools(facts, DiagnosticStatus.Warning, pool => NotTrue(pool, "SignalComplete"))),
        new(
            "budget-over-capacity",
            "The database refuses connections, or pods drain without a reason in their queue.",
            "More connections are granted than the capacity leaves: it was lowered, or read anew from the server.",
            "Wait for the pools to drain, or raise the capacity.",
            facts => Budgets(facts, DiagnosticStatus.Error, budget => budget.Status is { Capacity: { } capacity } status && status.InUse + status.Reserved > capacity
                ? Invariant($"{status.InUse} in use and {status.Reserved} reserved, of {capacity}")
                : null)),
        new(
            "budget-not-ready",
            "Pools of a budget get no new pods.",
            "The budget's capacity is not known, or does not suffice for what it must hold: the condition says it.",
            "Mend what the condition names: `docs/reference/connectionbudget.md`.",
            facts => Budgets(facts, DiagnosticStatus.Error, budget => budget.Status?.Conditions.Find("Ready") is { Status: not V1Condition.True } condition
                ? Say(condition)
                : null)),
        new(
            "budget-unaccounted",
            "The database runs out of connections although the budget has some left.",
            "Somebody who is no pool and not in `external` holds connections of that server.",
            "Put them into the budget's `external`, raise `reserved`, or end them.",
            facts => Budgets(facts, DiagnosticStatus.Warning, budget => budget.Status?.Conditions.Find("Unaccounted") is { Status: V1Condition.True } condition
                ? Say(condition)
                : null)),
    ];

    /// <summary>What a condition says that should be True; null where it is, where it is not told yet, and for a pool that is suspended.</summary>
    private static string? NotTrue(WorkerPoolResource pool, string type) =>
        !pool.Spec.Suspend && pool.Status?.Conditions.Find(type) is { Status: not V1Condition.True } condition ? Say(condition) : null;

    private static string Say(V1Condition condition) => $"{condition.Reason}: {condition.Message}";

    private static Finding Pools(DiagnosticFacts facts, DiagnosticStatus status, Func<WorkerPoolResource, string?> look) =>
        Each(facts.Pools, status, look);

    private static Finding Budgets(DiagnosticFacts facts, DiagnosticStatus status, Func<ConnectionBudgetResource, string?> look) =>
        Each(facts.Budgets, status, look);

    private static Finding Each<T>(IReadOnlyList<T>? items, DiagnosticStatus status, Func<T, string?> look)
        where T : class, IKubernetesObject => items is null
        ? Finding.Skipped("The cluster can't be read.")
        : Finding.Of(status, items.Select(item => (Item: item, Detail: look(item))).Where(one => one.Detail is not null)
            .Select(one => ($"{one.Item.Metadata.Namespace}/{one.Item.Metadata.Name}", one.Detail!)));
}
