using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Controllers;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Scaling;

/// <summary>Allocates the budgets of a namespace among its pools, by what the caches show. What it gives is an intent: the grant decides.</summary>
internal sealed class PoolAllocations(PoolStores stores)
{
    /// <summary>The shares of all pools of the namespace.</summary>
    /// <param name="self">A pool whose demand is known better than by the cache; null for none.</param>
    /// <param name="selfCharges">What its replicas take; null for what the cache says.</param>
    public NamespaceAllocation Of(
        string @namespace, V1Alpha1WorkerPool? self = null, int selfDemand = 0, IReadOnlyList<PoolCharge>? selfCharges = null)
    {
        var budgets = stores.Budgets.List(@namespace).Where(budget => !budget.IsDeleting()).ToList();
        var usable = UsableOf(budgets);
        var claims = stores.Pools.List(@namespace)
            .Where(pool => !pool.IsDeleting() && pool.Metadata.Name != self?.Metadata.Name)
            .Select(pool => ClaimOf(pool, DemandOf(pool), budgets, usable))
            .ToList();
        if (self is not null)
            claims.Add(ClaimOf(self, selfDemand, budgets, usable, selfCharges));
        return new NamespaceAllocation(claims, ReplicaAllocator.Allocate(claims, usable), usable);
    }

    /// <summary>Connections by budget. One whose capacity is not known has not nothing: it is left out, and its pools keep what they have.</summary>
    public IReadOnlyDictionary<string, int> UsableOf(string @namespace) =>
        UsableOf(stores.Budgets.List(@namespace).Where(budget => !budget.IsDeleting()));

    private static Dictionary<string, int> UsableOf(IEnumerable<V1Alpha1ConnectionBudget> budgets) =>
        budgets.Where(budget => BudgetCapacity.Of(budget) is not null)
            .ToDictionary(budget => budget.Metadata.Name!, ConnectionLedger.Usable, StringComparer.Ordinal);

    /// <summary>What a pool wants, by its own status.</summary>
    private static int DemandOf(V1Alpha1WorkerPool pool) =>
        pool.Spec.Suspend ? 0 : Math.Clamp(pool.Status?.DesiredReplicas ?? 0, pool.Spec.Scaling.MinReplicas, pool.Spec.Scaling.MaxReplicas);

    /// <summary>A pool with a budget that does not exist, or whose capacity is not known, keeps what it has, and gets no more.</summary>
    private PoolClaim ClaimOf(
        V1Alpha1WorkerPool pool, int demand, List<V1Alpha1ConnectionBudget> budgets, Dictionary<string, int> usable, IReadOnlyList<PoolCharge>? charges = null)
    {
        charges ??= ChargesOf(pool, budgets, usable);
        var shares = charges.Where(charge => usable.ContainsKey(charge.Budget))
            .Select(charge => new BudgetShare(charge.Budget, charge.PerReplica, charge.Weight)).ToList();
        var obstacle = charges.FirstOrDefault(charge => !usable.ContainsKey(charge.Budget))?.Budget;
        int? bound = obstacle is null ? null : stores.DeploymentsOf(pool).Sum(deployment => deployment.Spec.Replicas ?? 0);
        demand = Math.Min(demand, bound ?? demand);
        return new PoolClaim(pool.Metadata.Name!, Math.Min(pool.Spec.Scaling.MinReplicas, demand), demand, shares) { Bound = bound, BoundBy = obstacle };
    }

    /// <summary>The spec's, or those of the revision that serves where nothing of the spec's can be granted.</summary>
    private IReadOnlyList<PoolCharge> ChargesOf(V1Alpha1WorkerPool pool, List<V1Alpha1ConnectionBudget> budgets, Dictionary<string, int> usable)
    {
        var charges = PoolCharges.Of(pool.Spec, budgets);
        return PlanningBasis.ObstacleOf(charges, usable) is not null
            && PlanningBasis.LastGood(stores.DeploymentsOf(pool), stores.PodsOf(pool), pool.Status?.StableRevision) is { } last
                ? PlanningBasis.ChargesOf(last, charges)
                : charges;
    }
}

/// <summary>The budgets of a namespace, divided.</summary>
internal sealed record NamespaceAllocation(
    IReadOnlyList<PoolClaim> Claims, IReadOnlyDictionary<string, int> Replicas, IReadOnlyDictionary<string, int> Usable)
{
    public int ReplicasOf(string pool) => Replicas.GetValueOrDefault(pool);

    /// <summary>Connections of a budget that nobody's share takes.</summary>
    public int Slack(string budget) =>
        Usable.GetValueOrDefault(budget)
        - Claims.Sum(claim => ReplicasOf(claim.Pool) * claim.Shares.Where(share => share.Budget == budget).Sum(share => share.PerReplica));

    /// <summary>The first budget without room for one more replica of the pool; null where all have some.</summary>
    public string? LimitOf(string pool) =>
        Claims.First(claim => claim.Pool == pool).BoundBy ?? Claims.First(claim => claim.Pool == pool).Shares.OrderBy(share => share.Budget, StringComparer.Ordinal)
            .FirstOrDefault(share => Slack(share.Budget) < share.PerReplica)?.Budget;

    /// <summary>The most replicas that the pool could ever be given beside the minimums of the others.</summary>
    public int MostOf(string pool)
    {
        var most = Claims.First(claim => claim.Pool == pool).Bound ?? int.MaxValue;
        foreach (var share in Claims.First(claim => claim.Pool == pool).Shares)
        {
            var others = Claims.Where(claim => claim.Pool != pool)
                .Sum(claim => claim.Minimum * claim.Shares.Where(other => other.Budget == share.Budget).Sum(other => other.PerReplica));
            most = Math.Min(most, Math.Max(0, Usable.GetValueOrDefault(share.Budget) - others) / share.PerReplica);
        }

        return most;
    }
}
