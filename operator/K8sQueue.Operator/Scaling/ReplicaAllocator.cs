namespace K8sQueue.Operator.Scaling;

/// <summary>
/// Divides budgets among pools: the minimums first, then weighted max-min fairness on what is still asked for.
/// </summary>
/// <remarks>
/// Replica by replica, the pool with the smallest dominant share goes next: the largest, over its budgets, of connections / usable / weight
/// (dominant resource fairness, Ghodsi et al., NSDI 2011). A pool whose next replica does not fit is done. Pure and deterministic: the result
/// depends on the claims only, not on their order.
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
        var next = new PriorityQueue<PoolClaim, (double Share, string Pool)>();
        foreach (var pool in pools)
        {
            if (pool.Shares.Count == 0)
                given[pool.Pool] = limit(pool);
            else
                Enqueue(pool);
        }

        while (next.TryDequeue(out var pool, out _))
        {
            if (!Fits(pool, left))
                continue;
            foreach (var share in pool.Shares)
                left[share.Budget] -= share.PerReplica;
            given[pool.Pool]++;
            Enqueue(pool);
        }

        void Enqueue(PoolClaim pool)
        {
            if (given[pool.Pool] < limit(pool))
                next.Enqueue(pool, (DominantShare(pool, given[pool.Pool], usable), pool.Pool));
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

    private static double DominantShare(PoolClaim pool, int replicas, IReadOnlyDictionary<string, int> usable)
    {
        var dominant = 0.0;
        foreach (var share in pool.Shares)
        {
            var size = usable.GetValueOrDefault(share.Budget);
            if (size > 0)
                dominant = Math.Max(dominant, (double)replicas * share.PerReplica / size / share.Weight);
        }

        return dominant;
    }
}
