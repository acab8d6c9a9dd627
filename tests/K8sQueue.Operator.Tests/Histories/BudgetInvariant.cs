using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Tests.Histories.Clusters;

namespace K8sQueue.Operator.Tests.Histories;

/// <summary>
/// All workers that were granted and whose containers have not truly ended hold no more than each budget gives, whatever the API says of them.
/// Where the capacity was lowered under them, that never grows. A worker that the API forgot counts for lostHoldSeconds.
/// </summary>
internal sealed class BudgetInvariant(Cluster cluster, IReadOnlyList<string> budgets)
{
    private readonly Dictionary<string, int> _bounds = new(StringComparer.Ordinal);

    public void Check()
    {
        cluster.Observe();
        foreach (var budget in budgets)
            Check(budget, cluster.Api.Of<V1Alpha1ConnectionBudget>().Get(budget));
    }

    private void Check(string name, V1Alpha1ConnectionBudget? budget)
    {
        var usable = budget is null ? 0 : Math.Max(0, ConnectionLedger.Usable(budget));
        var held = HeldOf(name);
        var before = _bounds.GetValueOrDefault(name, usable);
        if (held > Math.Max(usable, before))
            throw new InvalidOperationException($"Workers hold {held} connections of '{name}', which has {usable} to give (bound {before}): {Holders(name)}");
        _bounds[name] = Math.Max(usable, Math.Min(before, held + PendingOf(name, budget)));
    }

    private int HeldOf(string budget)
    {
        var held = 0;
        foreach (var worker in cluster.Workers)
        {
            if (Counts(worker, budget))
                held += worker.Charges.GetValueOrDefault(budget);
        }

        return held;
    }

    private bool Counts(Worker worker, string budget) =>
        worker.MayRun && !worker.ForgottenBy.Contains(budget)
        && (worker.GoneAt is not { } gone || cluster.Time.GetUtcNow() < gone + TimeSpan.FromSeconds(Users.LostHoldSeconds));

    /// <summary>What is reserved may still be granted under a capacity that was lowered since.</summary>
    private int PendingOf(string budget, V1Alpha1ConnectionBudget? live) => live?.Status?.Pending is not { } pending
        ? 0
        : cluster.Workers.Where(worker => !worker.IsGranted && pending.Exists(holder => holder.Uid == worker.Uid))
            .Sum(worker => worker.Charges.GetValueOrDefault(budget));

    private string Holders(string budget) => string.Join(", ", cluster.Workers.Where(worker => Counts(worker, budget) && worker.Charges.ContainsKey(budget))
        .Select(worker => $"{worker.Name} ({worker.Charges[budget]}{(worker.GoneAt is null ? "" : ", gone")}{(worker.IsTamperedWith ? ", tampered with" : "")})"));
}
