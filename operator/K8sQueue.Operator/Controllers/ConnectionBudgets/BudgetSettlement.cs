using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Discovery;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Controllers.ConnectionBudgets;

/// <summary>Brings a budget's status up to date: who counts, and what follows from it.</summary>
internal sealed class BudgetSettlement(
    IKubernetesClient client, PoolStores stores, EndedPods ended, CapacityDiscovery? discovery, TimeProvider time)
{
    private static readonly TimeSpan UnheardInterval = TimeSpan.FromSeconds(15);

    /// <summary>By live reads; writes the status where that changed it.</summary>
    /// <param name="live">The budget, just read.</param>
    /// <param name="cancellationToken">Ends the calls.</param>
    public async Task<Settled> WriteAsync(V1Alpha1ConnectionBudget live, CancellationToken cancellationToken)
    {
        var pods = await LivePods.OfAsync(live, client, ended, cancellationToken).ConfigureAwait(false);
        var (ledger, changed) = Settle(live, pods);
        if (changed)
            await client.ReplaceStatusAsync(live, cancellationToken).ConfigureAwait(false);
        return new Settled(ledger, changed, LookAgainAt(live, ledger, pods));
    }

    /// <summary>When something may be free without a change that the budget hears of; null for never.</summary>
    public DateTimeOffset? LookAgainAt(V1Alpha1ConnectionBudget budget, ConnectionLedger ledger, IReadOnlyList<V1Pod> pods)
    {
        var release = ledger.NextRelease(budget.Spec);
        var granted = ledger.Granted.Select(holder => holder.Uid).ToHashSet(StringComparer.Ordinal);
        var look = pods.Any(pod => granted.Contains(pod.Metadata.Uid!) && IsUnheard(pod, budget)) ? time.GetUtcNow() + UnheardInterval : release;
        return look < release ? look : release ?? look;
    }

    /// <summary>Its changes don't lead to the budget: it was taken out of its pool, or its annotation no longer names the budget.</summary>
    private static bool IsUnheard(V1Pod pod, V1Alpha1ConnectionBudget budget) =>
        pod.IsIsolated() || pod.Charges()?.ContainsKey(budget.Metadata.Name!) != true;

    /// <summary>Brings the status up to date in place.</summary>
    public (ConnectionLedger Ledger, bool Changed) Settle(V1Alpha1ConnectionBudget budget, IReadOnlyList<V1Pod> pods)
    {
        var before = budget.Status is null ? null : OperatorJson.ToBytes(budget.Status);
        var outcome = discovery?.OutcomeOf(budget);
        DiscoveredStatus.Apply(budget, outcome);
        var ledger = ConnectionLedger.Settle(budget, pods, uid => ended.Contains(budget, uid), time.GetUtcNow());
        var status = budget.Status!;
        ledger.WriteTo(budget);
        status.ObservedGeneration = budget.Metadata.Generation;
        status.Allocations = BudgetAllocations.Of(budget, stores.Allocations.Of(budget.Metadata.Namespace!), pods);
        status.Conditions ??= [];
        foreach (var condition in BudgetConditions.Of(budget, ledger, status.Allocations ?? []))
            status.Conditions.Set(condition, time);
        SetServerConditions(budget, ledger, outcome);
        return (ledger, before is null || !OperatorJson.Same(before, OperatorJson.ToBytes(status)));
    }

    private void SetServerConditions(V1Alpha1ConnectionBudget budget, ConnectionLedger ledger, CapacityOutcome? outcome)
    {
        var conditions = budget.Status!.Conditions!;
        if (BudgetCapacity.SourceOf(budget.Spec) is null)
        {
            conditions.Remove(Conditions.Discovered);
            conditions.Remove(Conditions.Unaccounted);
            return;
        }

        var (discovered, unaccounted) = DiscoveredStatus.ConditionsOf(budget, ledger, outcome);
        if (discovered is not null)
            conditions.Set(discovered, time);
        if (unaccounted is not null)
            conditions.Set(unaccounted, time);
    }

    /// <param name="LookAgainAt">See <see cref="BudgetSettlement.LookAgainAt"/>.</param>
    internal sealed record Settled(ConnectionLedger Ledger, bool Changed, DateTimeOffset? LookAgainAt);
}
