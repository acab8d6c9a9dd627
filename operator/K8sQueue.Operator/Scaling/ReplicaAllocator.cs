namespace K8sQueue.Operator.Scaling;

/// <summary>
/// Divides budgets among pools: the minimums first, then weighted max-min fairness on what is still asked for.
/// </summary>
/// <remarks>
/// Replica by replica, the pool with the smallest dominant share goes next: the largest, over its budgets, of connections / usable / weight
/// (dominant resource fairness, Ghodsi et al., NSDI 2011). A pool whose next replica does not fit is done. Pure and deterministic: the result
/// depends on the claims only, not on their order. It needs no memory to be steady: shares are compared exactly, so that equal ones stay in the order
/// of the names whatever the sizes, and a demand or a budget that changes by one moves the others by about one replica.
/// </remarks>
public static class ReplicaAllocator
{
    /// <summary>Replicas by pool. The sum of what they take of a budget is never above what is usable of it.</summary>
    /// <param name="claims">The pools, each once.</param>
    /// <param name="usable">Connections by budget; a budget that is not there has none.</param>
    public static IReadOnlyDictionary<string, int> Allocate(IEnumerable<PoolClaim> claims, IReadOnlyDictionary<string, int> usable)
    {
        ArgumentNullException.ThrowIfNull(claims);
        ArgumentNullException.ThrowIfNull(usable);
        var pools = claims.OrderBy(claim => claim.Pool, StringComparer.Ordinal).ToList();
        var given = pools.ToDictionary(claim => claim.Pool, _ => 0, StringComparer.Ordinal);
        var left = usable.ToDictionary(entry => entry.Key, entry => entry.Value, StringComparer.Ordinal);
        Fill(pools, given, left, usable, claim => Math.Min(claim.Minimum, claim.Demand));
        Fill(pools, given, left, usable, claim => claim.Demand);
        return given;
    }

    private static void Fill(
        List<PoolClaim> pools,
        Dictionary<string, int> given,
        Dictionary<string, int> left,
        IReadOnlyDictionary<string, int> usable,
        Func<PoolClaim, int> limit)
    {
        var next = new PriorityQueue<int, (Share Share, int Order)>();
        for (var i = 0; i < pools.Count; i++)
        {
            if (pools[i].Shares.Count == 0)
                given[pools[i].Pool] = limit(pools[i]);
            else
                Enqueue(i);
        }

        while (next.TryDequeue(out var i, out _))
        {
            var pool = pools[i];
            if (!Fits(pool, left))
                continue;
            foreach (var share in pool.Shares)
                left[share.Budget] -= share.PerReplica;
            given[pool.Pool]++;
            Enqueue(i);
        }

        void Enqueue(int i)
        {
            var pool = pools[i];
            if (given[pool.Pool] < limit(pool))
                next.Enqueue(i, (DominantShare(pool, given[pool.Pool], usable), i));
        }
    }

    private static bool Fits(PoolClaim pool, Dictionary<string, int> left)
    {
        foreach (var share in pool.Shares)
        {
            if (left.GetValueOrDefault(share.Budget) < share.PerReplica)
                return false;
        }

        return true;
    }

    private static Share DominantShare(PoolClaim pool, int replicas, IReadOnlyDictionary<string, int> usable)
    {
        var dominant = new Share(0, 1);
        foreach (var share in pool.Shares)
        {
            var size = usable.GetValueOrDefault(share.Budget);
            if (size <= 0)
                continue;
            var own = new Share((long)replicas * share.PerReplica, (long)size * share.Weight);
            if (own.CompareTo(dominant) > 0)
                dominant = own;
        }

        return dominant;
    }

    /// <summary>A fraction. What is given is never more than a budget has, so products of two of them fit.</summary>
    private readonly record struct Share(long Part, long Whole) : IComparable<Share>
    {
        public int CompareTo(Share other) => ((Int128)Part * other.Whole).CompareTo((Int128)other.Part * Whole);
    }
}
