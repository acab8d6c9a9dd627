using System.Globalization;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Discovery;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Controllers.ConnectionBudgets;

/// <summary>What the status says of the budget's server. Pure: nothing changes in it while the server says the same.</summary>
internal static class DiscoveredStatus
{
    /// <summary>Takes in what was read last. What the status says of another server goes; what a failed read leaves, stays.</summary>
    public static void Apply(V1Alpha1ConnectionBudget budget, CapacityOutcome? outcome)
    {
        var status = budget.Status ??= new ConnectionBudgetStatus();
        var source = BudgetCapacity.SourceOf(budget.Spec);
        if (outcome?.Reading is { } reading)
            status.Discovered = new DiscoveredCapacity { Capacity = reading.Capacity, Source = outcome.Source };
        else if (status.Discovered?.Source != source)
            status.Discovered = null;
    }

    /// <summary>The conditions; null for one that stays as it is, since nothing was read yet.</summary>
    public static (V1Condition? Discovered, V1Condition? Unaccounted) ConditionsOf(
        V1Alpha1ConnectionBudget budget, ConnectionLedger ledger, CapacityOutcome? outcome) =>
        outcome is null ? (null, null) : (Discovered(budget, outcome), Unaccounted(budget, ledger, outcome));

    private static V1Condition Discovered(V1Alpha1ConnectionBudget budget, CapacityOutcome outcome)
    {
        if (outcome.Failure is not { } failure)
        {
            return BudgetConditions.Make(budget, Conditions.Discovered, V1Condition.True, Reasons.CapacityRead,
                Text($"The server accepts {outcome.Reading!.Capacity} connections: {outcome.Reading.Detail}."));
        }

        var meanwhile = budget.Status?.Discovered is { } last
            ? Text($" Its last word, {last.Capacity}, counts on.")
            : " Nothing is granted until it is read.";
        return BudgetConditions.Make(budget, Conditions.Discovered, V1Condition.False, failure.Reason, failure.Message.TrimEnd('.') + "." + meanwhile);
    }

    /// <summary>Two looks have to show it: pods come and go, and a back-end may outlive its pod for a moment.</summary>
    private static V1Condition? Unaccounted(V1Alpha1ConnectionBudget budget, ConnectionLedger ledger, CapacityOutcome outcome)
    {
        if (outcome.Reading is not { } reading)
            return null;
        if (reading.Live is null)
        {
            return BudgetConditions.Make(budget, Conditions.Unaccounted, V1Condition.Unknown, Reasons.ActivityHidden,
                reading.Hidden ?? "The server's connections can't be seen.");
        }

        var holders = ledger.Granted.Concat(ledger.Pending).Concat(ledger.Held).ToList();
        var (count, whose) = LiveAccounts.Unaccounted(reading.Live, holders, budget.Spec);
        var before = outcome.Before?.Live is { } live ? LiveAccounts.Unaccounted(live, holders, budget.Spec).Count : 0;
        return count > 0 && before > 0
            ? BudgetConditions.Make(budget, Conditions.Unaccounted, V1Condition.True, Reasons.UnaccountedConnections,
                Text($"{count} connections of the server are neither pods', nor external, nor within reserved: {whose}. ")
                + "Add who holds them to external, by the name that they have there, or raise reserved.")
            : BudgetConditions.Make(budget, Conditions.Unaccounted, V1Condition.False, Reasons.AllAccountedFor,
                "Pods, external and reserved explain the server's connections.");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
