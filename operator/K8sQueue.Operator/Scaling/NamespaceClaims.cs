using K8sQueue.Kubernetes.Informers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Controllers;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Scaling;

/// <summary>
/// The claims of one namespace's pools and what they come to, kept until a pool or a budget of the caches says something else. Cached objects are
/// never changed, so one that is the same object says the same.
/// </summary>
internal sealed class NamespaceClaims(PoolStores stores, string @namespace, Action<NamespacedName> outdated)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, KnownPool> _pools = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _minimums = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Told> _told = new(StringComparer.Ordinal);
    private List<BudgetFacts> _facts = [];
    private List<V1Alpha1ConnectionBudget> _budgets = [];
    private Dictionary<string, int> _usable = [];
    private NamespaceAllocation _allocation = new([], new Dictionary<string, int>());
    private long _round;

    public NamespaceAllocation Of(V1Alpha1WorkerPool? self, int selfDemand, IReadOnlyList<PoolCharge>? selfCharges)
    {
        lock (_gate)
        {
            Refresh();
            if (self is null)
                return _allocation;
            var name = self.Metadata.Name!;
            var own = KnownPool.Of(self, selfDemand, _budgets, _usable, stores, selfCharges);
            var allocation = _pools.GetValueOrDefault(name)?.Claims(own) == true ? _allocation : _allocation.With(own.Claim);
            if (_pools.ContainsKey(name))
                ToldOf(name).Share = ShareView.Of(allocation, own);
            return allocation;
        }
    }

    public int ShareAt(IReadOnlyList<PoolCharge> charges, V1Alpha1WorkerPool self, int demand)
    {
        lock (_gate)
        {
            Refresh();
            return _allocation.With(KnownPool.Of(self, demand, _budgets, _usable, stores, charges).Claim).ReplicasOf(self.Metadata.Name!);
        }
    }

    public long MinimumsOf(V1Alpha1WorkerPool self, string budget)
    {
        lock (_gate)
        {
            Refresh();
            var name = self.Metadata.Name!;
            var total = _minimums.GetValueOrDefault(budget);
            if (_pools.TryGetValue(name, out var known))
                ToldOf(name).Minimums[budget] = total;
            return total - (known?.MinimumOf(budget) ?? 0) + KnownPool.Of(self, 0, _budgets, _usable, stores).MinimumOf(budget);
        }
    }

    private Told ToldOf(string pool) => _told.TryGetValue(pool, out var told) ? told : _told[pool] = new Told();

    private void Refresh()
    {
        var budgets = stores.Budgets.List(@namespace).Where(budget => !budget.IsDeleting())
            .OrderBy(budget => budget.Metadata.Name, StringComparer.Ordinal).ToList();
        var facts = budgets.ConvertAll(BudgetFacts.Of);
        var isOther = !facts.SequenceEqual(_facts);
        (_facts, _budgets) = (facts, budgets);
        if (isOther)
        {
            _usable = facts.Where(fact => fact.Usable is not null)
                .ToDictionary(fact => fact.Name, fact => fact.Usable!.Value, StringComparer.Ordinal);
        }

        _round++;
        var changed = isOther;
        foreach (var pool in stores.Pools.List(@namespace))
        {
            if (!pool.IsDeleting())
                changed |= Take(pool, isOther);
        }

        foreach (var (name, known) in _pools)
        {
            if (known.Round == _round)
                continue;
            changed = true;
            _pools.Remove(name);
            _told.Remove(name);
        }

        if (changed)
            Divide();
    }

    /// <summary>Returns whether it claims something else than it did.</summary>
    private bool Take(V1Alpha1WorkerPool pool, bool budgetsChanged)
    {
        var name = pool.Metadata.Name!;
        var known = _pools.GetValueOrDefault(name);
        if (!budgetsChanged && known is { DependsOnPods: false } && ReferenceEquals(known.Pool, pool))
        {
            known.Round = _round;
            return false;
        }

        var taken = KnownPool.Of(pool, KnownPool.DemandOf(pool), _budgets, _usable, stores);
        taken.Round = _round;
        _pools[name] = taken;
        return known?.Claims(taken) != true;
    }

    private void Divide()
    {
        _allocation = new NamespaceAllocation(
            [.. _pools.Values.Select(known => known.Claim)], _usable);
        _minimums.Clear();
        foreach (var known in _pools.Values)
        {
            foreach (var share in known.Claim.Shares)
                _minimums[share.Budget] = _minimums.GetValueOrDefault(share.Budget) + known.MinimumOf(share);
        }

        foreach (var (name, told) in _told)
        {
            if (IsOutdated(_pools[name], told))
                outdated(new NamespacedName(@namespace, name));
        }
    }

    /// <summary>A rollout looks at what is nobody's share, too.</summary>
    private bool IsOutdated(KnownPool known, Told told) =>
        (told.Share is { } share && !share.Equals(ShareView.Of(_allocation, known)))
        || told.Minimums.Any(minimum => Over(minimum.Key, minimum.Value) != Over(minimum.Key, _minimums.GetValueOrDefault(minimum.Key)))
        || stores.Deployments.WithLabel(Labels.Pool, @namespace, known.Claim.Pool).Count > 1;

    /// <summary>How much the minimums take where that is more than there is: less than that, nobody is told.</summary>
    private long Over(string budget, long minimums) => minimums > _allocation.Usable.GetValueOrDefault(budget) ? minimums : 0;

    /// <summary>What a pool was last told.</summary>
    private sealed class Told
    {
        public ShareView? Share { get; set; }

        public Dictionary<string, long> Minimums { get; } = new(StringComparer.Ordinal);
    }

    /// <summary>What of a budget claims and shares depend on.</summary>
    private sealed record BudgetFacts(string Name, int? Usable, string? RedisAddress, bool RedisTls)
    {
        public static BudgetFacts Of(V1Alpha1ConnectionBudget budget) => new(
            budget.Metadata.Name!, BudgetCapacity.Of(budget) is null ? null : ConnectionLedger.Usable(budget), budget.Spec.Redis?.Address, budget.Spec.Redis?.Tls == true);
    }
}
