using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Scaling;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>
/// How many pods the budgets have room for, by their statuses as cached. Only an intent: a Deployment that grew too far has pods that wait for
/// their grant.
/// </summary>
internal sealed class RolloutRoom(PoolStores stores, PoolPass pass, NamespaceAllocation allocation)
{
    /// <summary>A budget is not there, or has not been looked at: nothing can be granted, whatever goes.</summary>
    public bool IsUnknown => pass.Charges.Any(connection => StatusOf(connection.Budget) is null);

    /// <summary>What a replica of the spec holds.</summary>
    public IReadOnlyDictionary<string, int> Charges { get; } =
        pass.Charges.ToDictionary(connection => connection.Budget, connection => connection.PerReplica, StringComparer.Ordinal);

    /// <summary>Pods with these charges that could be granted now; null for any number.</summary>
    public int? Of(IReadOnlyDictionary<string, int> charges) =>
        charges.Count == 0 ? null : charges.Min(charge => Math.Max(0, StatusOf(charge.Key)?.Available ?? 0) / Math.Max(1, charge.Value));

    /// <summary>
    /// Replicas beyond the target that have room, once old pods serve what the current revision does not: of what the pool holds, what nobody
    /// holds, and what is nobody's share. All from one status of a budget, so that a grant or an end that the pods show first changes nothing.
    /// </summary>
    /// <param name="oldCharges">What the pods of old revisions hold.</param>
    public int? Spare(int target, int ready, IReadOnlyList<IReadOnlyDictionary<string, int>> oldCharges, IReadOnlyCollection<string> deployments)
    {
        if (pass.Charges.Count == 0 || IsUnknown)
            return null;
        return pass.Charges.Min(connection =>
        {
            var perReplica = connection.PerReplica;
            var perOld = oldCharges.Select(charges => charges.GetValueOrDefault(connection.Budget)).DefaultIfEmpty(perReplica).Max();
            var serving = (Math.Min(ready, target) * perReplica) + (Math.Max(0, target - ready) * perOld);
            var status = StatusOf(connection.Budget)!;
            var free = HeldBy(status, deployments) + status.Available - serving;
            return Math.Max(0, Math.Min(free, allocation.Slack(connection.Budget)) / perReplica);
        });
    }

    /// <summary>A budget still counts a pod of these Deployments that is not there, or not granted, as the cache has it.</summary>
    public bool IsBehind(IReadOnlyCollection<string> deployments, IReadOnlyList<V1Pod> pods)
    {
        var granted = pods.Where(pod => !pod.IsGated() && !pod.HasEnded()).Select(pod => pod.Metadata.Uid!).ToHashSet(StringComparer.Ordinal);
        return pass.Charges.Any(charge => StatusOf(charge.Budget) is { } status && HoldersOf(status, deployments).Any(holder => !granted.Contains(holder.Uid)));
    }

    private static int HeldBy(ConnectionBudgetStatus status, IReadOnlyCollection<string> deployments) =>
        HoldersOf(status, deployments).Sum(holder => holder.Connections);

    private static IEnumerable<ConnectionHolder> HoldersOf(ConnectionBudgetStatus status, IReadOnlyCollection<string> deployments) =>
        (status.Granted ?? []).Concat(status.Pending ?? [])
        .Where(holder => deployments.Any(name => holder.Pod.StartsWith(name + "-", StringComparison.Ordinal)));

    private ConnectionBudgetStatus? StatusOf(string budget) =>
        stores.Budgets.Get(new NamespacedName(pass.Namespace, budget)) is { } found && !found.IsDeleting() ? found.Status : null;
}
