using System.Collections.Concurrent;

namespace K8sQueue.Operator.Controllers;

/// <summary>
/// One at a time a key within this process. Spares writers of the same budget conflicts; what keeps them correct is the resourceVersion.
/// </summary>
public class KeyedLocks
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _locks = new(StringComparer.Ordinal);

    /// <summary>Takes all keys, in their order, so that two takers never wait for each other.</summary>
    public virtual async Task<IDisposable> TakeAsync(IEnumerable<string> keys, CancellationToken cancellationToken)
    {
        var taken = new Stack<SemaphoreSlim>();
        try
        {
            foreach (var key in keys.Distinct().Order(StringComparer.Ordinal))
            {
                var semaphore = _locks.GetOrAdd(key, _ => new SemaphoreSlim(1, 1));
                await semaphore.WaitAsync(cancellationToken).ConfigureAwait(false);
                taken.Push(semaphore);
            }
        }
        catch
        {
            Release(taken);
            throw;
        }

        return new Releaser(taken);
    }

    private static void Release(Stack<SemaphoreSlim> taken)
    {
        while (taken.TryPop(out var semaphore))
            semaphore.Release();
    }

    private sealed class Releaser(Stack<SemaphoreSlim> taken) : IDisposable
    {
        public void Dispose() => Release(taken);
    }
}
