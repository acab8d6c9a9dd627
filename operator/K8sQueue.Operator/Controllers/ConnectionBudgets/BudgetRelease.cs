using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Controllers.ConnectionBudgets;

/// <summary>
/// A budget goes once nothing is held and no grant is under way: one that is made anew under its name would know of neither. Both end by
/// themselves: nothing is granted from a budget that goes, and lostHoldSeconds bounds what is held.
/// </summary>
public sealed class BudgetRelease : IEntityFinalizer<V1Alpha1ConnectionBudget>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeastWait = TimeSpan.FromMinutes(1);

    private readonly IKubernetesClient _client;
    private readonly BudgetSettlement _settlement;
    private readonly KeyedLocks _locks;
    private readonly TimeProvider _time;

    public BudgetRelease(IKubernetesClient client, PoolStores stores, EndedPods ended, KeyedLocks locks, TimeProvider time)
    {
        _client = client;
        _settlement = new BudgetSettlement(client, stores, ended, discovery: null, time);
        _locks = locks;
        _time = time;
    }

    public async Task<ReconciliationResult<V1Alpha1ConnectionBudget>> FinalizeAsync(
        V1Alpha1ConnectionBudget entity, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entity);
        using var held = await _locks.TakeAsync([entity.Key().ToString()], cancellationToken).ConfigureAwait(false);
        var live = await _client.GetAsync<V1Alpha1ConnectionBudget>(entity.Metadata.Name!, entity.Metadata.Namespace, cancellationToken).ConfigureAwait(false);
        if (live is null || live.Metadata.Uid != entity.Metadata.Uid)
            return ReconciliationResult<V1Alpha1ConnectionBudget>.Success(entity);
        var ledger = (await _settlement.WriteAsync(live, cancellationToken).ConfigureAwait(false)).Ledger;
        var isFree = ledger.Held.Count == 0 && (ledger.Pending.Count == 0 || IsLongGone(live));
        return ReconciliationResult<V1Alpha1ConnectionBudget>.Success(entity, isFree ? null : Interval);
    }

    /// <summary>A pod may keep its gate for ever; a patch that takes it off is not under way that long.</summary>
    private bool IsLongGone(V1Alpha1ConnectionBudget budget)
    {
        var hold = TimeSpan.FromSeconds(budget.Spec.LostHoldSeconds);
        return _time.GetUtcNow() - budget.Metadata.DeletionTimestamp >= (hold > LeastWait ? hold : LeastWait);
    }
}
