using System.Collections.Concurrent;
using K8sQueue.Kubernetes.Informers;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Budgets;

/// <summary>
/// Pods that were deleted and whose last state shows that they had ended or never ran. Kept in memory: what a restart forgets is held for
/// the budget's lostHoldSeconds instead, which is slow but safe.
/// </summary>
public sealed class EndedPods(TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(30);

    private readonly ConcurrentDictionary<string, long> _ended = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private long _swept = time.GetTimestamp();

    /// <summary>Takes in a change of a pod. A deletion that the watch did not see has no last state, only an old one: it confirms nothing.</summary>
    public void Observe(ResourceChange<V1Pod> change)
    {
        if (change is { New: null, IsMissed: false } && change.Latest.EndIsConfirmed())
            _ended[change.Latest.Metadata.Uid!] = time.GetTimestamp();
        Sweep();
    }

    public bool Contains(string uid) => _ended.ContainsKey(uid);

    private void Sweep()
    {
        lock (_gate)
        {
            if (time.GetElapsedTime(_swept) < Kept)
                return;
            _swept = time.GetTimestamp();
        }

        foreach (var (uid, at) in _ended)
        {
            if (time.GetElapsedTime(at) > Kept)
                _ended.TryRemove(uid, out _);
        }
    }
}
