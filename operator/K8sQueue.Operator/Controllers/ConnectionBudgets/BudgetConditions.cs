using System.Globalization;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Controllers.ConnectionBudgets;

/// <summary>The conditions of a budget. Pure.</summary>
internal static class BudgetConditions
{
    public static IEnumerable<V1Condition> Of(V1Alpha1ConnectionBudget budget, ConnectionLedger ledger, IReadOnlyList<PoolAllocation> allocations)
    {
        if (BudgetCapacity.Of(budget) is null)
        {
            yield return Make(budget, Conditions.Ready, false, Reasons.CapacityUnknown,
                "The server was never read, so nothing is granted: the condition Discovered says what is in the way.");
            yield return Make(budget, Conditions.Exhausted, true, Reasons.CapacityUnknown, "Nothing is granted before the capacity is known.");
            yield break;
        }

        var usable = ConnectionLedger.Usable(budget);
        var over = ledger.InUse > usable;
        yield return Make(budget, Conditions.Ready, !over,
            over ? Reasons.OverCapacity : Reasons.AsExpected,
            over
                ? Text($"Pods hold {ledger.InUse} of {usable} connections: the capacity was lowered under them. Nothing is granted until it fits.")
                : "What pods hold is within the capacity.");
        var smallest = allocations.Where(allocation => allocation.PerReplica > 0).Select(allocation => allocation.PerReplica).DefaultIfEmpty(1).Min();
        if (ledger.Places == 0)
        {
            yield return Make(budget, Conditions.Exhausted, true, Reasons.RecordFull,
                Text($"The status records at most {ConnectionBudgetStatus.MostHolders} pods, so no more are granted: ")
                + "let each take more connections, or divide the pools among budgets.");
            yield break;
        }

        var exhausted = usable - ledger.InUse < smallest;
        yield return Make(budget, Conditions.Exhausted, exhausted,
            exhausted ? Reasons.BudgetExhausted : Reasons.ConnectionsLeft,
            exhausted ? "No pool's next replica fits." : "There is room for at least one more replica.");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static V1Condition Make(V1Alpha1ConnectionBudget budget, string type, bool holds, string reason, string message) =>
        Make(budget, type, holds ? V1Condition.True : V1Condition.False, reason, message);

    public static V1Condition Make(V1Alpha1ConnectionBudget budget, string type, string status, string reason, string message) => new()
    {
        Type = type,
        Status = status,
        Reason = reason,
        Message = message,
        ObservedGeneration = budget.Metadata.Generation,
    };
}
