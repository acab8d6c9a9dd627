namespace K8sQueue.Operator.Scaling;

/// <summary>What a pool's size and status say of its namespace's allocation.</summary>
internal sealed record ShareView(int Replicas, int Most, string? Limit)
{
    private IReadOnlyList<BudgetShare> Shares { get; init; } = [];

    private IReadOnlyList<int> Usable { get; init; } = [];

    public static ShareView Of(NamespaceAllocation allocation, KnownPool pool)
    {
        var (claim, replicas) = (pool.Claim, allocation.ReplicasOf(pool.Claim.Pool));
        return new ShareView(
            replicas,
            Math.Min(pool.Pool.Spec.Scaling.MaxReplicas, allocation.MostOf(claim.Pool)),
            replicas < claim.Demand || pool.DependsOnPods ? allocation.LimitOf(claim.Pool) : null)
        {
            Shares = claim.Shares,
            Usable = [.. claim.Shares.Select(share => allocation.Usable.GetValueOrDefault(share.Budget))],
        };
    }

    public bool Equals(ShareView? other) =>
        other is not null && Replicas == other.Replicas && Most == other.Most && Limit == other.Limit
        && Shares.SequenceEqual(other.Shares) && Usable.SequenceEqual(other.Usable);

    public override int GetHashCode() => HashCode.Combine(Replicas, Most, Limit);
}
