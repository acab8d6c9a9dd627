using K8sQueue.Api.Cluster;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>The ConnectionBudgets.</summary>
public sealed record BudgetsModel
{
    /// <summary>Why they can't be shown; null where they can.</summary>
    public ErrorModel? Fault { get; init; }

    /// <summary>Those of this page.</summary>
    internal IReadOnlyList<BudgetDocument> Budgets { get; init; } = [];

    /// <summary>Behind which the next page begins; null on the last one.</summary>
    public string? Next { get; init; }
}

/// <summary>One ConnectionBudget.</summary>
public sealed record BudgetModel
{
    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Why it can't be shown; null where it can.</summary>
    public ErrorModel? Fault { get; init; }

    /// <summary>The budget; null where it can't be shown.</summary>
    internal BudgetDocument? Budget { get; init; }
}
