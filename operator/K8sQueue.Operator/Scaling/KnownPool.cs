using K8sQueue.Kubernetes.Models;
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

    /// <summary>What a pool wants, by its own status.</summary>
    public static int DemandOf(V1Alpha1WorkerPool pool) =>
        pool.Spec.Suspend ? 0 : Math.Clamp(pool.Status?.DesiredReplicas ?? 0, pool.Spec.Scaling.MinReplicas, pool.Spec.Scaling.MaxReplicas);

    /// <summary>A pool with a budget that does not exist keeps what it has, and gets no more.</summary>
    public static KnownPool Of(V1Alpha1WorkerPool pool, int demand, List<V1Alpha1ConnectionBudget> budgets, PoolStores stores)
    {
        var charges = PoolCharges.Of(pool.Spec, budgets);
        var shares = charges.Where(charge => budgets.Exists(budget => budget.Metadata.Name == charge.Budget))
            .Select(charge => new BudgetShare(charge.Budget, charge.PerReplica, charge.Weight)).ToList();
        var lacksOne = shares.Count < charges.Count;
        if (lacksOne)
            demand = Math.Min(demand, stores.PodsOf(pool).Count(pod => !pod.IsGated() && !pod.IsDeleting() && !pod.HasEnded()));
        return new KnownPool(
            pool, new PoolClaim(pool.Metadata.Name!, Math.Min(pool.Spec.Scaling.MinReplicas, demand), demand, shares), lacksOne);
    }

    /// <summary>Whether the other claims the same.</summary>
    public bool Claims(KnownPool other) =>
        Claim.Minimum == other.Claim.Minimum && Claim.Demand == other.Claim.Demand && Minimum == other.Minimum
        && Pool.Spec.Scaling.MaxReplicas == other.Pool.Spec.Scaling.MaxReplicas && Claim.Shares.SequenceEqual(other.Claim.Shares);

    /// <summary>Connections of the budget that the pool's minReplicas take, whatever it was given.</summary>
    public long MinimumOf(string budget) => Claim.Shares.Where(share => share.Budget == budget).Sum(MinimumOf);

    public long MinimumOf(BudgetShare share) => (long)Minimum * share.PerReplica;
}
