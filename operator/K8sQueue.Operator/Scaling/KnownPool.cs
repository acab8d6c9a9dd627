using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Controllers;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Scaling;

/// <summary>A pool as last seen, and what it claims.</summary>
/// <param name="DependsOnPods">The claim has to be made anew each time.</param>
internal sealed record KnownPool(V1Alpha1WorkerPool Pool, PoolClaim Claim, bool DependsOnPods)
{
    /// <summary>When it was last there.</summary>
    public long Round { get; set; }

    private int Minimum => Pool.Spec.Suspend ? 0 : Pool.Spec.Scaling.MinReplicas;

    /// <summary>What a pool wants, by its own status. One that its queue's limit holds has no use for more than it has.</summary>
    public static int DemandOf(V1Alpha1WorkerPool pool)
    {
        if (pool.Spec.Suspend)
            return 0;
        var desired = pool.Status?.DesiredReplicas ?? 0;
        var useful = QueueLimitView.IsLimit(pool.Status?.LimitedBy) ? Math.Min(desired, pool.Status!.Replicas) : desired;
        return Math.Clamp(useful, pool.Spec.Scaling.MinReplicas, pool.Spec.Scaling.MaxReplicas);
    }

    /// <summary>A pool with a budget that does not exist, or whose capacity is not known, keeps what it has, and gets no more.</summary>
    /// <param name="usable">Connections by budget, of those that are known.</param>
    /// <param name="charges">What its replicas take; null for the spec's, or those of the revision that serves where nothing of the spec's can be granted.</param>
    public static KnownPool Of(
        V1Alpha1WorkerPool pool,
        int demand,
        List<V1Alpha1ConnectionBudget> budgets,
        IReadOnlyDictionary<string, int> usable,
        PoolStores stores,
        IReadOnlyList<PoolCharge>? charges = null)
    {
        var spec = PoolCharges.Of(pool.Spec, budgets);
        var isBlocked = PlanningBasis.ObstacleOf(spec, usable) is not null;
        charges ??= isBlocked && PlanningBasis.LastGood(stores.DeploymentsOf(pool), stores.PodsOf(pool), pool.Status?.StableRevision) is { } last
            ? PlanningBasis.ChargesOf(last, spec)
            : spec;
        var shares = charges.Where(charge => usable.ContainsKey(charge.Budget))
            .Select(charge => new BudgetShare(charge.Budget, charge.PerReplica, charge.Weight)).ToList();
        var obstacle = charges.FirstOrDefault(charge => !usable.ContainsKey(charge.Budget))?.Budget;
        int? bound = obstacle is null ? null : stores.DeploymentsOf(pool).Sum(deployment => deployment.Spec.Replicas ?? 0);
        demand = Math.Min(demand, bound ?? demand);
        var claim = new PoolClaim(pool.Metadata.Name!, Math.Min(pool.Spec.Scaling.MinReplicas, demand), demand, shares) { Bound = bound, BoundBy = obstacle };
        return new KnownPool(pool, claim, isBlocked || bound is not null);
    }

    /// <summary>Whether the other claims the same.</summary>
    public bool Claims(KnownPool other) =>
        Claim.Minimum == other.Claim.Minimum && Claim.Bound == other.Claim.Bound && Claim.BoundBy == other.Claim.BoundBy && Claim.Demand == other.Claim.Demand && Minimum == other.Minimum
        && Pool.Spec.Scaling.MaxReplicas == other.Pool.Spec.Scaling.MaxReplicas && Claim.Shares.SequenceEqual(other.Claim.Shares);

    /// <summary>Connections of the budget that the pool's minReplicas take, whatever it was given.</summary>
    public long MinimumOf(string budget) => Claim.Shares.Where(share => share.Budget == budget).Sum(MinimumOf);

    public long MinimumOf(BudgetShare share) => (long)Minimum * share.PerReplica;
}
