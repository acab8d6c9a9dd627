using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Scaling;

namespace K8sQueue.Operator.Controllers.ConnectionBudgets;

/// <summary>What each pool has of a budget: those that ask for some, and those whose pods still hold some.</summary>
internal static class BudgetAllocations
{
    private const int MaxShown = 1_000;

    public static List<PoolAllocation>? Of(V1Alpha1ConnectionBudget budget, NamespaceAllocation allocation, IReadOnlyList<V1Pod> pods)
    {
        var name = budget.Metadata.Name!;
        var asked = allocation.Claims.Select(claim => (claim.Pool, claim.Minimum, Share: claim.Shares.FirstOrDefault(share => share.Budget == name)))
            .Where(claim => claim.Share is not null)
            .ToDictionary(claim => claim.Pool, claim => (claim.Share!.PerReplica, claim.Minimum), StringComparer.Ordinal);
        var holding = pods.Where(pod => !pod.IsGated() && !pod.HasEnded() && !pod.IsIsolated())
            .Select(pod => (Pool: pod.Label(Labels.Pool)!, Connections: (long)ConnectionLedger.ChargeOf(pod, budget)))
            .Where(pod => pod.Connections > 0)
            .ToLookup(pod => pod.Pool, pod => pod.Connections, StringComparer.Ordinal);
        var made = asked.Keys.Union(holding.Select(pool => pool.Key)).Order(StringComparer.Ordinal).Take(MaxShown).Select(pool => new PoolAllocation
        {
            Pool = pool,
            PerReplica = asked.GetValueOrDefault(pool).PerReplica,
            MinReplicas = asked.GetValueOrDefault(pool).Minimum,
            Pods = holding[pool].Count(),
            GrantedReplicas = asked.ContainsKey(pool) ? allocation.ReplicasOf(pool) : 0,
            Connections = (int)Math.Min(int.MaxValue, holding[pool].Sum()),
        }).ToList();
        return made.Count == 0 ? null : made;
    }
}
