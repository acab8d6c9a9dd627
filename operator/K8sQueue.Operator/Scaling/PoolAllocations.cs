using System.Collections.Concurrent;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Controllers;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Scaling;

/// <summary>
/// Allocates the budgets of a namespace among its pools, by what the caches show. What it gives is an intent: the grant decides. It is worked out
/// anew only when what it depends on has changed, and then the pools that were told otherwise are named.
/// </summary>
internal sealed class PoolAllocations(PoolStores stores)
{
    private readonly ConcurrentDictionary<string, NamespaceClaims> _namespaces = new(StringComparer.Ordinal);

    /// <summary>A pool was told what no longer holds. Called from any thread, with a lock held: only put the key in a queue.</summary>
    public event Action<NamespacedName>? Outdated;

    /// <summary>The shares of all pools of the namespace.</summary>
    /// <param name="self">A pool whose demand is known better than by the cache; null for none.</param>
    /// <param name="selfCharges">What its replicas take; null for what the cache says.</param>
    public NamespaceAllocation Of(
        string @namespace, V1Alpha1WorkerPool? self = null, int selfDemand = 0, IReadOnlyList<PoolCharge>? selfCharges = null) =>
        In(@namespace).Of(self, selfDemand, selfCharges);

    /// <summary>The replicas that the pool would be given at other charges.</summary>
    public int ShareAt(IReadOnlyList<PoolCharge> charges, V1Alpha1WorkerPool self, int demand) =>
        In(self.Metadata.Namespace!).ShareAt(charges, self, demand);

    /// <summary>Connections by budget. One whose capacity is not known has not nothing: it is left out, and its pools keep what they have.</summary>
    public IReadOnlyDictionary<string, int> UsableOf(string @namespace) => In(@namespace).Of(null, 0, null).Usable;

    /// <summary>Connections of the budget that the minimums of its pools take, suspended ones apart.</summary>
    public long MinimumsOf(V1Alpha1WorkerPool self, string budget) => In(self.Metadata.Namespace!).MinimumsOf(self, budget);

    private NamespaceClaims In(string @namespace) =>
        _namespaces.GetOrAdd(@namespace, name => new NamespaceClaims(stores, name, key => Outdated?.Invoke(key)));
}
