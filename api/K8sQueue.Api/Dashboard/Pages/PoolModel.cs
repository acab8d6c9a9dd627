using K8sQueue.Api.Cluster;
using K8sQueue.Api.Dashboard.Charts;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Trends;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>The WorkerPools.</summary>
public sealed record PoolsModel
{
    /// <summary>Why they can't be shown; null where they can.</summary>
    public ErrorModel? Fault { get; init; }

    /// <summary>Those of this page.</summary>
    internal IReadOnlyList<PoolDocument> Pools { get; init; } = [];

    /// <summary>What all have together.</summary>
    internal PoolSum Total { get; init; } = PoolSum.Of([]);

    /// <summary>Behind which the next page begins; null on the last one.</summary>
    public string? Next { get; init; }
}

/// <summary>What pools have together.</summary>
internal sealed record PoolSum(int Pools, int NotReady, int Limited, int Desired, int Running, int Draining)
{
    public static PoolSum Of(IReadOnlyCollection<PoolDocument> pools) => new(
        pools.Count,
        pools.Count(pool => PoolReadiness.Of(pool).Tone == PoolReadiness.Bad),
        pools.Count(pool => pool.LimitedBy is not null),
        pools.Sum(pool => pool.Replicas.Desired),
        pools.Sum(pool => pool.Replicas.Running),
        pools.Sum(pool => pool.Replicas.Draining));
}

/// <summary>One WorkerPool.</summary>
public sealed record PoolModel
{
    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Why it can't be shown; null where it can.</summary>
    public ErrorModel? Fault { get; init; }

    /// <summary>The pool; null where it can't be shown.</summary>
    internal PoolDocument? Pool { get; init; }

    /// <summary>Its pods, by name.</summary>
    internal IReadOnlyList<PodDocument> Pods { get; init; } = [];

    /// <summary>What is known of its queues' counts here, by name.</summary>
    public IReadOnlyDictionary<string, QueueStatistics> Queues { get; init; } = new Dictionary<string, QueueStatistics>();

    /// <summary>Backlog and replicas; null where it can't be shown.</summary>
    public Chart? Chart { get; init; }

    public TrendSpan Span { get; init; } = TrendSpan.Hour;

    /// <summary>Since when trends are known.</summary>
    public DateTimeOffset Since { get; init; }
}
