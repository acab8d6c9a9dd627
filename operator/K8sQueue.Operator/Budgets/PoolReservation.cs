using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Budgets;

/// <summary>The pods of a pool that have room in one budget, or are not charged to it.</summary>
/// <param name="IsShort">More of them could serve by the limits.</param>
internal sealed record Reservation(IReadOnlyList<V1Pod> Pods, bool IsShort);

/// <summary>How far the grant of one pool has come.</summary>
internal sealed class PoolReservation
{
    /// <param name="pods">The namespace's, just listed.</param>
    public PoolReservation(GrantRequest request, IReadOnlyList<V1Pod> pods)
    {
        Request = request;
        var allowed = GrantSelection.Choose(pods, request, null).ToHashSet();
        Count = allowed.Count;

        // No budget chooses among those that are charged nothing: the limits do, here.
        Wanted = Count == 0 ? [] : [.. pods.Where(pod => GrantSelection.Waits(pod, request) && (pod.Charges()!.Count > 0 || allowed.Contains(pod)))];
        Budgets = Wanted.SelectMany(pod => pod.Charges()!.Keys).ToHashSet(StringComparer.Ordinal);
    }

    public GrantRequest Request { get; }

    /// <summary>Timestamp before the first read.</summary>
    public required long StartedAt { get; init; }

    /// <summary>Pods that wait and may serve by the limits.</summary>
    public int Count { get; }

    /// <summary>The budgets that they are charged to.</summary>
    public IReadOnlySet<string> Budgets { get; }

    /// <summary>Pods that wait, less those that had no room in a budget; in the end, those whose gate may go.</summary>
    public IReadOnlyList<V1Pod> Wanted { get; private set; }

    /// <inheritdoc cref="GrantOutcome.BlockedBy"/>
    public string? BlockedBy { get; private set; }

    /// <inheritdoc cref="GrantOutcome.MissingBudget"/>
    public string? Missing { get; private set; }

    /// <summary>Only what has room in every budget goes on.</summary>
    public void FitEverywhere(IReadOnlyList<V1Pod> pods, IReadOnlyDictionary<string, GrantRoom> rooms)
    {
        if (Count == 0)
            return;
        var (fitting, blockedBy) = GrantSelection.FitEverywhere(pods, Request, rooms);
        Missing = Budgets.Order(StringComparer.Ordinal).FirstOrDefault(budget => !rooms.ContainsKey(budget));
        BlockedBy = fitting.Count < Count ? blockedBy : null;
        Wanted = fitting;
    }

    /// <summary>Only what is reserved in the budget, or not charged to it, goes on.</summary>
    /// <param name="found">Null where there is no such budget.</param>
    public void Take(string budget, Reservation? found)
    {
        if (found is null)
            Missing ??= budget;
        if (found?.IsShort != false)
            BlockedBy ??= budget;
        Wanted = found?.Pods ?? [.. Wanted.Where(pod => !pod.Charges()!.ContainsKey(budget))];
    }
}
