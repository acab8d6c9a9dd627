using System.Collections.Concurrent;
using K8sQueue.Kubernetes.Informers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Budgets;

/// <summary>
/// Pods that were deleted and whose last state shows that they had ended or never ran, and of the others the node. Kept in memory: what a
/// restart forgets is held for the budget's lostHoldSeconds instead, which is slow but safe.
/// </summary>
public sealed class EndedPods(TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(30);

    private readonly ConcurrentDictionary<string, long> _ended = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _released = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (string Node, long At)> _nodes = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private long _swept = time.GetTimestamp();

    /// <summary>
    /// Takes in a change of a pod. A deletion that the watch did not see has no last state, only an old one: it confirms nothing. A refusal is an
    /// end where it is the first that was heard of a kubelet; where only a list shows it, a kubelet may have taken the pod on before.
    /// </summary>
    public void Observe(ResourceChange<V1Pod> change)
    {
        if (change.New is null)
        {
            if (!change.IsMissed && change.Latest.EndIsConfirmed())
                _ended[change.Latest.Metadata.Uid!] = time.GetTimestamp();
            else if (change.Latest.Spec.NodeName is { Length: > 0 } node)
                _nodes[change.Latest.Metadata.Uid!] = (node, time.GetTimestamp());
        }

        if (change is { IsMissed: false, Old: { } old, New: { } pod } && pod.EndIsUnsure() && old.IsUntouched())
            _ended[pod.Metadata.Uid!] = time.GetTimestamp();
        Sweep();
    }

    /// <summary>Whether the pod is known to hold nothing of the budget any more.</summary>
    public bool Contains(V1Alpha1ConnectionBudget budget, string uid)
    {
        ArgumentNullException.ThrowIfNull(budget);
        return _ended.ContainsKey(uid) || _released.ContainsKey(Key(budget, uid));
    }

    /// <summary>The node of a pod that went without word; null where it is not known.</summary>
    public string? NodeOf(string uid) => _nodes.TryGetValue(uid, out var seen) ? seen.Node : null;

    /// <summary>The budget's own server shows that the pod has none of its connections any more, and never will.</summary>
    public void Release(V1Alpha1ConnectionBudget budget, string uid)
    {
        ArgumentNullException.ThrowIfNull(budget);
        _released[Key(budget, uid)] = time.GetTimestamp();
    }

    private static string Key(V1Alpha1ConnectionBudget budget, string uid) => $"{budget.Metadata.Uid}/{uid}";

    private void Sweep()
    {
        lock (_gate)
        {
            if (time.GetElapsedTime(_swept) < Kept)
                return;
            _swept = time.GetTimestamp();
        }

        Sweep(_ended, at => at);
        Sweep(_released, at => at);
        Sweep(_nodes, seen => seen.At);
    }

    private void Sweep<T>(ConcurrentDictionary<string, T> entries, Func<T, long> at)
    {
        foreach (var (key, value) in entries)
        {
            if (time.GetElapsedTime(at(value)) > Kept)
                entries.TryRemove(key, out _);
        }
    }
}
