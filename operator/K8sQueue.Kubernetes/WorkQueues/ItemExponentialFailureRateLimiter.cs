using System.Collections.Concurrent;

namespace K8sQueue.Kubernetes.WorkQueues;

/// <summary>
/// <c>base * 2^failures</c>, at most <c>max</c>, for each item by itself (client-go, util/workqueue/default_rate_limiters.go).
/// </summary>
public sealed class ItemExponentialFailureRateLimiter<TKey> : IRateLimiter<TKey>
    where TKey : notnull
{
    /// <summary>The default value of the first delay: 5 ms.</summary>
    public static readonly TimeSpan DefaultBaseDelay = TimeSpan.FromMilliseconds(5);

    /// <summary>The default value of the longest delay: 1000 s.</summary>
    public static readonly TimeSpan DefaultMaxDelay = TimeSpan.FromSeconds(1000);

    private readonly ConcurrentDictionary<TKey, int> _failures = new();
    private readonly TimeSpan _baseDelay;
    private readonly TimeSpan _maxDelay;

    public ItemExponentialFailureRateLimiter(TimeSpan? baseDelay = null, TimeSpan? maxDelay = null)
    {
        _baseDelay = baseDelay ?? DefaultBaseDelay;
        _maxDelay = maxDelay ?? DefaultMaxDelay;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(_baseDelay, TimeSpan.Zero, nameof(baseDelay));
        ArgumentOutOfRangeException.ThrowIfLessThan(_maxDelay, _baseDelay, nameof(maxDelay));
    }

    public TimeSpan When(TKey key)
    {
        var failures = _failures.AddOrUpdate(key, 1, static (_, n) => n == int.MaxValue ? n : n + 1) - 1;
        var ticks = _baseDelay.Ticks * Math.Pow(2, failures);
        return ticks >= _maxDelay.Ticks ? _maxDelay : TimeSpan.FromTicks((long)ticks);
    }

    public void Forget(TKey key) => _failures.TryRemove(key, out _);

    public int Failures(TKey key) => _failures.GetValueOrDefault(key);
}
