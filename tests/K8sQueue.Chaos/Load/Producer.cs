using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Running;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;

namespace K8sQueue.Chaos.Load;

/// <summary>Enqueues jobs and keeps what the broker said: acknowledged, refused, or nothing that was heard.</summary>
internal sealed class Producer(string address, LeaseTimings timings) : IAsyncDisposable
{
    private readonly RedisJobQueue _queue = Connect(address, timings);
    private readonly List<AcknowledgedJob> _acknowledged = [];
    private readonly HashSet<long> _unknown = [];
    private readonly HashSet<long> _refused = [];
    private readonly Lock _lock = new();
    private long _lastKey;

    public IReadOnlyList<AcknowledgedJob> Acknowledged => _acknowledged;

    public IReadOnlySet<long> UnknownKeys => _unknown;

    public IReadOnlySet<long> RefusedKeys => _refused;

    public int Count
    {
        get
        {
            lock (_lock)
                return _acknowledged.Count;
        }
    }

    /// <summary>Enqueues jobs in one call.</summary>
    /// <param name="make">Makes a job of its key.</param>
    /// <returns>What the broker said: null where it took them.</returns>
    public async Task<Exception?> EnqueueAsync(int count, Func<long, JobRequest> make, CancellationToken cancellationToken)
    {
        var first = Interlocked.Add(ref _lastKey, count) - count + 1;
        long[] keys = [.. Enumerable.Range(0, count).Select(i => first + i)];
        try
        {
            var ids = (await _queue.EnqueueAsync(Array.ConvertAll(keys, key => make(key)), cancellationToken)).Ids();
            var now = Clock.Now;
            lock (_lock)
                _acknowledged.AddRange(ids.Zip(keys, (id, key) => new AcknowledgedJob(id.Value, key, now)));
            return null;
        }
        catch (JobQueueFullException e)
        {
            lock (_lock)
                _refused.UnionWith(keys);
            return e;
        }
        catch (JobQueueUnavailableException e)
        {
            lock (_lock)
                _unknown.UnionWith(keys);
            return e;
        }
    }

    public ValueTask DisposeAsync() => _queue.DisposeAsync();

    public static RedisJobQueue Connect(string address, LeaseTimings timings)
    {
        var options = new RedisQueueOptions { Address = address, ClientName = "chaos" };
        timings.Apply(options);
        return new RedisJobQueue(options);
    }
}
