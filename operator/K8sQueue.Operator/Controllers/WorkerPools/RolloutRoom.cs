using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Revisions;
using K8sQueue.Operator.Scaling;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>
/// How many pods the budgets have room for, by their statuses as cached. Only an intent: a Deployment that grew too far has pods that wait for
/// their grant.
/// </summary>
/// <param name="charges">Of the revision that the pool is to have.</param>
internal sealed class RolloutRoom(PoolStores stores, string @namespace, IReadOnlyList<PoolCharge> charges, NamespaceAllocation allocation)
{
    /// <summary>A budget is not there, has not been looked at, or its capacity is not known: nothing can be granted, whatever goes.</summary>
    public bool IsUnknown => charges.Any(connection => StatusOf(connection.Budget) is null || !allocation.Usable.ContainsKey(connection.Budget));

    /// <summary>What a replica holds.</summary>
    public IReadOnlyDictionary<string, int> Charges { get; } =
        charges.ToDictionary(connection => connection.Budget, connection => connection.PerReplica, StringComparer.Ordinal);

    /// <summary>Pods with these charges that could be granted now; null for any number.</summary>
    public int? Of(IReadOnlyDictionary<string, int> revision) =>
        revision.Count == 0 ? null : revision.Min(charge => Math.Max(0, StatusOf(charge.Key)?.Available ?? 0) / Math.Max(1, charge.Value));

    /// <summary>
    /// Replicas beyond the target that have room, once old pods serve what the current revision does not: of what the pool holds, what nobody
    /// holds, and what is nobody's share. All from one status of a budget, so that a grant or an end that the pods show first changes nothing.
    /// </summary>
    /// <param name="oldCharges">What the pods of old revisions hold.</param>
    public int? Spare(
        RolloutBounds bounds, int ready, IReadOnlyList<IReadOnlyDictionary<string, int>> oldCharges, IReadOnlyCollection<string> deployments)
    {
        if (charges.Count == 0 || IsUnknown)
            return null;
        return charges.Min(connection =>
        {
            var perReplica = connection.PerReplica;
            var perOld = oldCharges.Select(old => old.GetValueOrDefault(connection.Budget)).DefaultIfEmpty(perReplica).Max();
            var serving = (Math.Min(ready, bounds.CurrentLimit) * perReplica) + ((bounds.Target - bounds.ServedBy(ready)) * perOld);
            var status = StatusOf(connection.Budget)!;
            var free = HeldBy(status, deployments) + status.Available - serving;
            // What the pool's own share leaves beside those that serve, where they hold less, is nobody else's.
            var own = Math.Max(0, (bounds.CurrentLimit * perReplica) - serving);
            return Math.Max(0, Math.Min(free, allocation.Slack(connection.Budget) + own) / perReplica);
        });
    }

    /// <summary>Old pods that have to go for one of the current revision.</summary>
    /// <param name="oldCharges">What they hold.</param>
    public int WeightOver(IReadOnlyList<IReadOnlyDictionary<string, int>> oldCharges) =>
        charges.SelectMany(charge => oldCharges.Select(old => old.GetValueOrDefault(charge.Budget)).Where(held => held > 0)
            .Select(held => (charge.PerReplica + held - 1) / held)).DefaultIfEmpty(1).Max();

    /// <summary>
    /// Old pods beside which the next one of the current revision has room: of what the pool holds and of what is free, whichever pods hold it at the
    /// moment, so that a grant or an end changes nothing. Null where none has to go for it, and where it would be in vain: others hold that.
    /// </summary>
    /// <param name="next">Pods of the current revision that there are to be next: those that were granted, or one more than are ready.</param>
    /// <param name="oldCharges">What the pods of old revisions hold.</param>
    public int? MostKept(int next, IReadOnlyList<IReadOnlyDictionary<string, int>> oldCharges, IReadOnlyCollection<string> deployments)
    {
        int? most = null;
        foreach (var connection in IsUnknown ? [] : charges)
        {
            var status = StatusOf(connection.Budget)!;
            var left = HeldBy(status, deployments) + status.Available - (next * connection.PerReplica);
            if (left < 0)
                return null;
            var perOld = oldCharges.Select(old => old.GetValueOrDefault(connection.Budget)).DefaultIfEmpty(0).Max();
            if (perOld > 0)
                most = Math.Min(most ?? int.MaxValue, left / perOld);
        }

        return most;
    }

    private static int HeldBy(ConnectionBudgetStatus status, IReadOnlyCollection<string> deployments) =>
        (status.Granted ?? []).Concat(status.Pending ?? [])
        .Where(holder => deployments.Any(name => holder.Pod.StartsWith(name + "-", StringComparison.Ordinal)))
        .Sum(holder => holder.Connections);

    private ConnectionBudgetStatus? StatusOf(string budget) =>
        stores.Budgets.Get(new NamespacedName(@namespace, budget)) is { } found && !found.IsDeleting() ? found.Status : null;
}
