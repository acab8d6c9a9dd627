namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>Messages that more than one finding shares.</summary>
internal static class PoolReports
{
    public static string BudgetNotFound(string budget, string @namespace) =>
        $"There is no ConnectionBudget '{budget}' in the namespace {@namespace}: create it. Until then no replica is added.";
}
