namespace K8sQueue.Operator.Scaling;

/// <summary>What one pool asks of the budgets.</summary>
/// <param name="Pool">Its name; the order of names breaks ties.</param>
/// <param name="Minimum">Replicas that are served before anybody's further demand.</param>
/// <param name="Demand">Replicas it wants, its minimum included.</param>
/// <param name="Shares">What a replica takes of each budget.</param>
public sealed record PoolClaim(string Pool, int Minimum, int Demand, IReadOnlyList<BudgetShare> Shares)
{
    /// <summary>The most it may have, which is what it has, where a budget can't tell; null for no such bound.</summary>
    public int? Bound { get; init; }

    /// <summary>The budget that can't tell: it is not there, or its capacity is not known.</summary>
    public string? BoundBy { get; init; }
}

/// <summary>A replica's part of a budget.</summary>
/// <param name="Budget">The budget's name.</param>
/// <param name="PerReplica">Connections a replica.</param>
/// <param name="Weight">The pool's weight in this budget.</param>
public sealed record BudgetShare(string Budget, int PerReplica, int Weight);
