using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Controllers.ConnectionBudgets;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Controllers;

public sealed class BudgetConditionsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1, "False", "ConnectionsLeft")]
    [InlineData(0, "True", "RecordFull")]
    public void A_record_that_is_full_is_told_though_connections_are_left(int places, string status, string reason)
    {
        var budget = Samples.Budget("db", 1_000_000);
        budget.Status = new ConnectionBudgetStatus
        {
            Held = [.. Enumerable.Range(0, ConnectionBudgetStatus.MostHolders - places).Select(i => new ConnectionHolder
            {
                Uid = FormattableString.Invariant($"lost-{i}"), Connections = 1, Since = Now,
            })],
        };
        var ledger = ConnectionLedger.Settle(budget, [], _ => false, Now);

        var exhausted = BudgetConditions.Of(budget, ledger, []).Single(condition => condition.Type == "Exhausted");

        exhausted.Should().Match<V1Condition>(condition => condition.Status == status && condition.Reason == reason);
    }
}
