namespace K8sQueue.Kubernetes.WorkQueues;

/// <summary>Says how long a failed item waits before it is tried again.</summary>
public interface IRateLimiter<TKey>
    where TKey : notnull
{
    /// <summary>The delay of the next try; counts this failure.</summary>
    TimeSpan When(TKey key);

    /// <summary>The item is fine again: its failures are forgotten.</summary>
    void Forget(TKey key);

    /// <summary>Failures since the item was last forgotten.</summary>
    int Failures(TKey key);
}
