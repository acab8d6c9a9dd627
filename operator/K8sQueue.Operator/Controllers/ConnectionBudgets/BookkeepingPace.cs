using System.Collections.Concurrent;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Controllers.ConnectionBudgets;

/// <summary>
/// How often a budget's status is written only to show who has what: many pools that start together are one write. The first comes at once.
/// </summary>
public sealed class BookkeepingPace(TimeProvider time, TimeSpan? interval = null)
{
    private readonly TimeSpan _interval = interval ?? TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<string, long> _last = new(StringComparer.Ordinal);

    /// <summary>How long to wait with it; null where it may be written now, and then it counts as written.</summary>
    public TimeSpan? WaitOf(IKubernetesObject budget)
    {
        ArgumentNullException.ThrowIfNull(budget);
        var uid = budget.Metadata.Uid!;
        if (_last.TryGetValue(uid, out var last) && time.GetElapsedTime(last) is var elapsed && elapsed < _interval)
            return _interval - elapsed;
        _last[uid] = time.GetTimestamp();
        return null;
    }

    public void Forget(IKubernetesObject budget)
    {
        ArgumentNullException.ThrowIfNull(budget);
        _last.TryRemove(budget.Metadata.Uid!, out _);
    }
}
