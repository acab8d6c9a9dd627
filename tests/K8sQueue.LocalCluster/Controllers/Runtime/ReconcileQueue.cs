using System.Threading.Channels;

namespace K8sQueue.LocalCluster.Controllers.Runtime;

/// <summary>Keys to reconcile, for one reader: a key waits once however often it is added.</summary>
internal sealed class ReconcileQueue(TimeProvider time) : IDisposable
{
    private readonly Channel<ObjectKey> _channel = Channel.CreateUnbounded<ObjectKey>();
    private readonly HashSet<ObjectKey> _waiting = [];
    private readonly Dictionary<ObjectKey, (DateTimeOffset Due, ITimer Timer)> _delayed = [];
    private readonly Lock _lock = new();

    public void Add(ObjectKey key)
    {
        lock (_lock)
        {
            if (_waiting.Add(key))
                _channel.Writer.TryWrite(key);
        }
    }

    /// <summary>Adds the key later; the earliest of several such times holds.</summary>
    public void AddAfter(ObjectKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(key);
            return;
        }

        lock (_lock)
        {
            var due = time.GetUtcNow() + delay;
            if (_delayed.TryGetValue(key, out var pending))
            {
                if (pending.Due <= due)
                    return;
                pending.Timer.Dispose();
            }

            _delayed[key] = (due, time.CreateTimer(_ => Fire(key), null, delay, Timeout.InfiniteTimeSpan));
        }
    }

    public async ValueTask<ObjectKey> TakeAsync(CancellationToken cancellationToken)
    {
        var key = await _channel.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        lock (_lock)
            _waiting.Remove(key);
        return key;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var (_, timer) in _delayed.Values)
                timer.Dispose();
            _delayed.Clear();
        }
    }

    private void Fire(ObjectKey key)
    {
        lock (_lock)
        {
            if (_delayed.Remove(key, out var pending))
                pending.Timer.Dispose();
        }

        Add(key);
    }
}
