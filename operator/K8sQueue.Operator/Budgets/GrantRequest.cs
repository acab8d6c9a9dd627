namespace K8sQueue.Operator.Budgets;

/// <summary>What one pool may be granted now.</summary>
/// <param name="Namespace">Of the pool and its budgets.</param>
/// <param name="Pool">The pool's name.</param>
/// <param name="Limits">By revision, the most pods that may serve. A revision that is not in it gets nothing.</param>
/// <param name="Candidates">UIDs of pods that wait, by the cache: a cache may only leave some out.</param>
public sealed record GrantRequest(
    string Namespace, string Pool, IReadOnlyDictionary<string, int> Limits, IReadOnlySet<string> Candidates)
{
    /// <summary>Revisions whose pods have the gate though they hold no connection. A pod of any other that names none is odd, and gets nothing.</summary>
    public IReadOnlySet<string> Uncharged { get; init; } = new HashSet<string>();

    /// <summary>The budgets of the candidates, by the cache. A single one is read before the pods are listed, which spares a second list.</summary>
    public IReadOnlyList<string> Budgets { get; init; } = [];

    /// <summary>Cancelled where another is to take off the gates that are left.</summary>
    public CancellationToken Stopping { get; init; }
}

/// <summary>How it went.</summary>
/// <param name="Granted">Pods whose gate went.</param>
/// <param name="Waiting">Pods that may serve by the limits, but did not get their connections, or not yet.</param>
/// <param name="BlockedBy">The budget that had no room; null where none was short.</param>
/// <param name="MissingBudget">A budget that does not exist; null where all do.</param>
/// <param name="Refusal">What the API server said where it did not let a gate be taken off; null where it did.</param>
public sealed record GrantOutcome(int Granted, int Waiting, string? BlockedBy, string? MissingBudget, string? Refusal = null)
{
    public static readonly GrantOutcome Nothing = new(0, 0, null, null);
}
