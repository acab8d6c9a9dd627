namespace K8sQueue.Operator.Scaling;

/// <summary>The budgets of a namespace, divided.</summary>
internal sealed class NamespaceAllocation
{
    private readonly Dictionary<string, PoolClaim> _byPool;
    private readonly Dictionary<string, long> _taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _minimums = new(StringComparer.Ordinal);

    public NamespaceAllocation(IReadOnlyCollection<PoolClaim> claims, IReadOnlyDictionary<string, int> usable)
    {
        (Claims, Usable) = (claims, usable);
        Replicas = ReplicaAllocator.Allocate(claims, usable);
        _byPool = claims.ToDictionary(claim => claim.Pool, StringComparer.Ordinal);
        foreach (var claim in claims)
        {
            foreach (var share in claim.Shares)
            {
                _taken[share.Budget] = _taken.GetValueOrDefault(share.Budget) + ((long)ReplicasOf(claim.Pool) * share.PerReplica);
                _minimums[share.Budget] = _minimums.GetValueOrDefault(share.Budget) + ((long)claim.Minimum * share.PerReplica);
            }
        }
    }

    public IReadOnlyCollection<PoolClaim> Claims { get; }

    public IReadOnlyDictionary<string, int> Replicas { get; }

    public IReadOnlyDictionary<string, int> Usable { get; }

    public int ReplicasOf(string pool) => Replicas.GetValueOrDefault(pool);

    /// <summary>Connections of a budget that nobody's share takes.</summary>
    public int Slack(string budget) => (int)(Usable.GetValueOrDefault(budget) - _taken.GetValueOrDefault(budget));

    /// <summary>The first budget without room for one more replica of the pool; null where all have some.</summary>
    public string? LimitOf(string pool) =>
        _byPool[pool].BoundBy ?? _byPool[pool].Shares.OrderBy(share => share.Budget, StringComparer.Ordinal)
            .FirstOrDefault(share => Slack(share.Budget) < share.PerReplica)?.Budget;

    /// <summary>The most replicas that the pool could ever be given beside the minimums of the others.</summary>
    public int MostOf(string pool)
    {
        var claim = _byPool[pool];
        long most = claim.Bound ?? int.MaxValue;
        foreach (var share in claim.Shares)
        {
            var others = _minimums[share.Budget] - ((long)claim.Minimum * share.PerReplica);
            most = Math.Min(most, Math.Max(0, Usable.GetValueOrDefault(share.Budget) - others) / share.PerReplica);
        }

        return (int)most;
    }

    /// <summary>The same with one claim in another's place, or added.</summary>
    public NamespaceAllocation With(PoolClaim own) => new([.. Claims.Where(claim => claim.Pool != own.Pool), own], Usable);
}
