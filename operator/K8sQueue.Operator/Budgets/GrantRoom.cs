using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Budgets;

/// <summary>What a budget has left while pods are chosen.</summary>
internal sealed class GrantRoom(ConnectionLedger ledger, int usable)
{
    private readonly HashSet<string> _reserved = ledger.Pending.Select(holder => holder.Uid).ToHashSet(StringComparer.Ordinal);
    private int _left = usable - ledger.InUse;
    private int _places = ledger.Places;

    /// <summary>Whether the pod has a reservation, which nobody else can use.</summary>
    public bool Has(V1Pod pod) => _reserved.Contains(pod.Metadata.Uid!);

    public bool Fits(V1Pod pod, int connections) => Has(pod) || (connections <= _left && _places > 0);

    public void Take(V1Pod pod, int connections)
    {
        if (Has(pod))
            return;
        _left -= connections;
        _places--;
    }
}
