using K8sQueue.Api.Cluster.Resources;

namespace K8sQueue.Api.Cluster;

/// <summary>A ConnectionBudget as the operator sees it.</summary>
internal sealed record BudgetDocument
{
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    /// <summary>Whether the status is about the spec as it is now.</summary>
    public required bool Observed { get; init; }

    /// <summary>The connections that count as the server's capacity; null while it is not known.</summary>
    public int? Capacity { get; init; }

    /// <summary>Connections kept out of the pools' reach, external ones included.</summary>
    public required int Reserved { get; init; }

    /// <summary>Connections that pods hold or may hold.</summary>
    public required int InUse { get; init; }

    public required int Available { get; init; }

    public required IReadOnlyList<BudgetAllocationDocument> Allocations { get; init; }

    public required IReadOnlyList<BudgetExternalDocument> External { get; init; }

    /// <summary>Who holds what, of one budget only; null in a list of them.</summary>
    public IReadOnlyList<BudgetHolderDocument>? Holders { get; init; }

    public required IReadOnlyList<ConditionDocument> Conditions { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public static BudgetDocument From(ConnectionBudgetResource budget, bool withHolders = false)
    {
        var status = budget.Status ?? new BudgetStatus();
        return new BudgetDocument
        {
            Namespace = budget.Metadata.Namespace ?? "",
            Name = budget.Metadata.Name ?? "",
            Observed = status.ObservedGeneration is { } generation && generation == budget.Metadata.Generation,
            Capacity = status.Capacity,
            Reserved = status.Reserved,
            InUse = status.InUse,
            Available = status.Available,
            Allocations = [.. (status.Allocations ?? []).Select(a => new BudgetAllocationDocument(a.Pool, a.PerReplica, a.MinReplicas, a.GrantedReplicas, a.Pods, a.Connections))],
            External = [.. (budget.Spec.External ?? []).Select(other => new BudgetExternalDocument(other.Name, other.Connections))],
            Holders = withHolders ? [.. HoldersOf("granted", status.Granted), .. HoldersOf("pending", status.Pending), .. HoldersOf("held", status.Held)] : null,
            Conditions = ConditionDocument.From(status.Conditions),
            CreatedAt = budget.Metadata.CreationTimestamp,
        };
    }

    private static IEnumerable<BudgetHolderDocument> HoldersOf(string state, List<BudgetHolder>? holders) =>
        (holders ?? []).Select(holder => new BudgetHolderDocument(holder.Pod, holder.Connections, state, holder.Since));
}

/// <param name="Pool">The WorkerPool.</param>
/// <param name="PerReplica">Connections a replica.</param>
/// <param name="MinReplicas">Replicas that are served before anybody's further demand.</param>
/// <param name="GrantedReplicas">Replicas that its share allows now.</param>
/// <param name="Pods">Pods that hold connections, ending ones included.</param>
/// <param name="Connections">Connections that its pods hold.</param>
internal sealed record BudgetAllocationDocument(string Pool, int PerReplica, int MinReplicas, int GrantedReplicas, int Pods, int Connections);

/// <param name="Name">A consumer that is no pool.</param>
/// <param name="Connections">The most that it opens.</param>
internal sealed record BudgetExternalDocument(string Name, int Connections);

/// <param name="Pod">The pod.</param>
/// <param name="Connections">What it is charged.</param>
/// <param name="State"><c>granted</c>, <c>pending</c> (its grant is under way) or <c>held</c> (it went without word of its end).</param>
/// <param name="Since">Since when it is held.</param>
internal sealed record BudgetHolderDocument(string Pod, int Connections, string State, DateTimeOffset? Since);

/// <summary>A page of budgets, by namespace and name.</summary>
/// <param name="Budgets">The budgets, without their holders.</param>
/// <param name="Next">Give it as <c>after</c> for the next page; null on the last one.</param>
internal sealed record BudgetPage(IReadOnlyList<BudgetDocument> Budgets, string? Next);
