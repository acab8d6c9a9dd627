using System.Text.Json;
using K8sQueue.Api.Cluster.Resources;

namespace K8sQueue.Api.Cluster;

/// <summary>A WorkerPool as the operator sees it.</summary>
internal sealed record PoolDocument
{
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    /// <summary>Whether the status is about the spec as it is now: false for a moment after a change, and for good where no operator runs.</summary>
    public required bool Observed { get; init; }

    public required bool Suspended { get; init; }

    public required PoolReplicas Replicas { get; init; }

    /// <summary>What keeps the pool below what was asked for: MaxReplicas, ConnectionBudget/NAME and others; null where nothing does.</summary>
    public string? LimitedBy { get; init; }

    public DateTimeOffset? OldestDrainStartedAt { get; init; }

    public PoolRevision? Revision { get; init; }

    public required IReadOnlyList<PoolQueueDocument> Queues { get; init; }

    public required IReadOnlyList<PoolBudgetDocument> Budgets { get; init; }

    public required IReadOnlyList<ConditionDocument> Conditions { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public static PoolDocument From(WorkerPoolResource pool)
    {
        var (spec, status) = (pool.Spec, pool.Status ?? new PoolStatus());
        return new PoolDocument
        {
            Namespace = pool.Metadata.Namespace ?? "",
            Name = pool.Metadata.Name ?? "",
            Observed = status.ObservedGeneration is { } generation && generation == pool.Metadata.Generation,
            Suspended = spec.Suspend,
            Replicas = new PoolReplicas(
                status.DesiredReplicas,
                status.Replicas,
                status.ReadyReplicas,
                status.DrainingReplicas,
                status.WaitingReplicas,
                spec.Scaling.MinReplicas,
                pool.Status is null ? spec.Scaling.MaxReplicas : status.EffectiveMaxReplicas),
            LimitedBy = status.LimitedBy,
            OldestDrainStartedAt = status.OldestDrainStartedAt,
            Revision = status.CurrentRevision is { } current ? new PoolRevision(current, status.StableRevision, status.UpdatedReplicas) : null,
            Queues = [.. (spec.Queues ?? []).Select(queue => new PoolQueueDocument(queue.Name, KindOf(queue)))],
            Budgets = [.. (spec.Connections ?? []).Select(connection => new PoolBudgetDocument(connection.Budget, connection.PerReplica))],
            Conditions = ConditionDocument.From(status.Conditions),
            CreatedAt = pool.Metadata.CreationTimestamp,
        };
    }

    /// <summary>The system of a queue, as the spec names it; null where there is none that this version can see.</summary>
    public static string? KindOf(PoolQueue queue) =>
        queue.Others?.Where(member => member.Value.ValueKind == JsonValueKind.Object).Select(member => member.Key).FirstOrDefault();
}

/// <param name="Desired">What the autoscaler asks for.</param>
/// <param name="Granted">Those that may run and stay, as many as desired at most.</param>
/// <param name="Running">Those of them that are ready.</param>
/// <param name="Draining">On their way out: they finish what they have.</param>
/// <param name="Waiting">Those that wait for connections.</param>
/// <param name="Min">The pool's own minimum.</param>
/// <param name="Max">Its maximum, or less where a budget allows less.</param>
internal sealed record PoolReplicas(int Desired, int Granted, int Running, int Draining, int Waiting, int Min, int Max);

/// <param name="Current">The hash of the template that runs.</param>
/// <param name="Stable">The last one whose rollout was completed.</param>
/// <param name="Replicas">Replicas of the current one that serve.</param>
internal sealed record PoolRevision(string Current, string? Stable, int Replicas);

/// <param name="Name">The queue's name.</param>
/// <param name="Kind">Which system it is of, as the spec names it: k8squeue, bullmq, rabbitmq.</param>
internal sealed record PoolQueueDocument(string Name, string? Kind);

/// <param name="Name">The ConnectionBudget, of the same namespace.</param>
/// <param name="PerReplica">What each replica holds of it.</param>
internal sealed record PoolBudgetDocument(string Name, int PerReplica);

/// <summary>A page of pools, by namespace and name.</summary>
/// <param name="Pools">The pools.</param>
/// <param name="Next">Give it as <c>after</c> for the next page; null on the last one.</param>
internal sealed record PoolPage(IReadOnlyList<PoolDocument> Pools, string? Next);
