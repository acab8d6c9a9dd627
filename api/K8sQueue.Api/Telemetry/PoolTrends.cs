using K8sQueue.Api.Cluster;
using K8sQueue.Api.Cluster.Resources;
using K8sQueue.Core.Trends;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Api.Telemetry;

/// <summary>The replicas of a pool at the end of a step of time.</summary>
/// <param name="Desired">What the autoscaler asked for.</param>
/// <param name="Running">Those that were ready.</param>
public readonly record struct PoolPoint(int Desired, int Running)
{
    internal static PoolPoint Of(WorkerPoolResource pool) =>
        pool.Status is { } status ? new PoolPoint(status.DesiredReplicas, status.ReadyReplicas) : default;
}

/// <summary>
/// The replicas of the pools over the last hour, day and week, from the samples that this process took: nothing is known from before its start, nor
/// from when the cluster did not answer. A pool costs 10 KiB; one that is gone is forgotten.
/// </summary>
internal sealed class PoolTrends(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<NamespacedName, TrendWindows<PoolPoint>> _pools = [];
    private IReadOnlyList<WorkerPoolResource> _last = [];

    /// <summary>When this process began to look.</summary>
    public DateTimeOffset Since { get; } = time.GetUtcNow();

    /// <summary>Takes a sample of all pools in.</summary>
    public void Add(IReadOnlyList<WorkerPoolResource> sample)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            foreach (var gone in _pools.Keys.Except(sample.Select(NameOf)).ToList())
                _pools.Remove(gone);
            foreach (var pool in sample)
            {
                if (!_pools.TryGetValue(NameOf(pool), out var trend))
                    _pools[NameOf(pool)] = trend = new TrendWindows<PoolPoint>((_, later) => later, absent: null);
                trend.Add(now, PoolPoint.Of(pool));
            }

            _last = sample;
        }
    }

    /// <summary>A pool's points, oldest first; null where nothing is known. Its last one is as the pool is now.</summary>
    public IReadOnlyList<PoolPoint?> Of(WorkerPoolResource pool, TrendSpan span)
    {
        lock (_lock)
        {
            var points = _pools.GetValueOrDefault(NameOf(pool))?.Of(span).Read(time.GetUtcNow(), Since) ?? new PoolPoint?[span.Count];
            points[^1] = PoolPoint.Of(pool);
            return points;
        }
    }

    /// <summary>The pools that consume a queue of this API's Redis, as the last sample had them. It costs nothing.</summary>
    public IReadOnlyList<NamespacedName> Consuming(string queue)
    {
        lock (_lock)
            return [.. _last.Where(pool => pool.NativeQueues().Contains(queue, StringComparer.Ordinal)).Select(NameOf)];
    }

    private static NamespacedName NameOf(WorkerPoolResource pool) => new(pool.Metadata.Namespace ?? "", pool.Metadata.Name ?? "");
}
