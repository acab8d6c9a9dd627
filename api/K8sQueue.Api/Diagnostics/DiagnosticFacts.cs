using K8sQueue.Api.Cluster.Resources;
using K8sQueue.Core.Redis;

namespace K8sQueue.Api.Diagnostics;

/// <summary>All that the checks look at. What could not be read is missing, and why.</summary>
internal sealed record DiagnosticFacts
{
    /// <summary>The queue's Redis; null where it does not answer.</summary>
    public RedisServerInfo? Redis { get; init; }

    /// <summary>Why the queue's Redis can't be used; null where it can.</summary>
    public string? RedisFault { get; init; }

    /// <summary>Whether there is a cache.</summary>
    public bool HasCache { get; init; }

    /// <summary>The cache's Redis; null where there is none, or it does not answer.</summary>
    public RedisServerInfo? Cache { get; init; }

    /// <summary>Why the cache's Redis can't be used.</summary>
    public string? CacheFault { get; init; }

    /// <summary>Whether requests are limited.</summary>
    public bool HasRateLimits { get; init; }

    /// <summary>Why nobody counts requests.</summary>
    public string? RateLimitFault { get; init; }

    /// <summary>Whether there is a PostgreSQL.</summary>
    public bool HasPostgres { get; init; }

    /// <summary>Why PostgreSQL can't be used.</summary>
    public string? PostgresFault { get; init; }

    /// <summary>The queues; null where they could not be read.</summary>
    public IReadOnlyList<QueueFacts>? Queues { get; init; }

    /// <summary>Whether there is a cluster to look at.</summary>
    public bool HasCluster { get; init; }

    /// <summary>Why the cluster can't be read.</summary>
    public string? ClusterFault { get; init; }

    /// <summary>The pools; null where they could not be read.</summary>
    public IReadOnlyList<WorkerPoolResource>? Pools { get; init; }

    /// <summary>The budgets; null where they could not be read.</summary>
    public IReadOnlyList<ConnectionBudgetResource>? Budgets { get; init; }
}
