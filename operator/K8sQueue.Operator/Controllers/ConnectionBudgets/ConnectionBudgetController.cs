using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Discovery;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Controllers.ConnectionBudgets;

/// <summary>Keeps a budget's record and status up to date: frees what has ended, shows who has what.</summary>
public sealed class ConnectionBudgetController : IEntityController<V1Alpha1ConnectionBudget>
{
    private readonly IKubernetesClient _client;
    private readonly PoolStores _stores;
    private readonly BudgetSettlement _settlement;
    private readonly CapacityDiscovery? _discovery;
    private readonly BookkeepingPace _bookkeeping;
    private readonly KeyedLocks _locks;
    private readonly EventPublisher _events;
    private readonly TimeProvider _time;

    public ConnectionBudgetController(
        IKubernetesClient client, PoolStores stores, EndedPods ended, KeyedLocks locks, EventPublisher events, TimeProvider time,
        CapacityDiscovery? discovery = null, BookkeepingPace? bookkeeping = null)
    {
        _bookkeeping = bookkeeping ?? new BookkeepingPace(time);
        _discovery = discovery;
        _client = client;
        _stores = stores;
        _settlement = new BudgetSettlement(client, stores, ended, discovery, time);
        _locks = locks;
        _events = events;
        _time = time;
    }

    public async Task<ReconciliationResult<V1Alpha1ConnectionBudget>> ReconcileAsync(
        V1Alpha1ConnectionBudget entity, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entity);
        var read = _discovery?.Refresh(entity);
        // The caches tell whether there is anything to write; what is written comes from live reads.
        var pods = _stores.Pods.List(entity.Metadata.Namespace);
        var settled = OperatorJson.Clone(entity);
        var cached = _settlement.Settle(settled, pods);
        if (!cached.Changed)
            return Success(entity, _settlement.LookAgainAt(entity, cached.Ledger, pods), read);
        if (!BudgetNews.IsUrgent(entity.Status, settled.Status) && _bookkeeping.WaitOf(entity) is { } wait)
        {
            // What it frees by the clock comes first all the same.
            return Success(entity, _settlement.LookAgainAt(entity, cached.Ledger, pods), read < wait ? read : wait);
        }

        using var held = await _locks.TakeAsync([entity.Key().ToString()], cancellationToken).ConfigureAwait(false);
        var live = await _client.GetAsync<V1Alpha1ConnectionBudget>(
            entity.Metadata.Name!, entity.Metadata.Namespace, cancellationToken).ConfigureAwait(false);
        if (live is null || live.IsDeleting())
            return ReconciliationResult<V1Alpha1ConnectionBudget>.Success(entity);
        var before = live.Status?.Conditions?.Select(condition => (condition.Type, condition.Status)).ToHashSet() ?? [];
        var written = await _settlement.WriteAsync(live, cancellationToken).ConfigureAwait(false);
        if (written.Changed)
        {
            foreach (var condition in live.Status!.Conditions!.Where(condition => !before.Contains((condition.Type, condition.Status))))
                await PublishAsync(live, condition, cancellationToken).ConfigureAwait(false);
        }

        return Success(live, written.LookAgainAt, read);
    }

    public Task<ReconciliationResult<V1Alpha1ConnectionBudget>> DeletedAsync(V1Alpha1ConnectionBudget entity, CancellationToken cancellationToken)
    {
        _discovery?.Forget(entity);
        _bookkeeping.Forget(entity);
        return Task.FromResult(ReconciliationResult<V1Alpha1ConnectionBudget>.Success(entity));
    }

    private Task PublishAsync(V1Alpha1ConnectionBudget budget, V1Condition condition, CancellationToken cancellationToken) =>
        condition switch
        {
            { Type: Conditions.Ready or Conditions.Discovered, Status: V1Condition.False }
                or { Type: Conditions.Exhausted or Conditions.Unaccounted, Status: V1Condition.True } =>
                _events(budget, condition.Reason!, condition.Message!, EventType.Warning, cancellationToken),
            _ => Task.CompletedTask,
        };

    private ReconciliationResult<V1Alpha1ConnectionBudget> Success(V1Alpha1ConnectionBudget budget, DateTimeOffset? lookAgainAt, TimeSpan? read)
    {
        TimeSpan? release = lookAgainAt is { } at ? Max(at - _time.GetUtcNow(), TimeSpan.FromSeconds(1)) : null;
        return ReconciliationResult<V1Alpha1ConnectionBudget>.Success(budget, read < release ? read : release ?? read);
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
