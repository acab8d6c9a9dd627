using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Budgets;

/// <summary>Which capacity of a budget counts. Pure.</summary>
public static class BudgetCapacity
{
    /// <summary>The most that a budget can have, by its schema.</summary>
    public const int Most = 1_000_000;

    /// <summary>
    /// The smaller of what the spec says and what the server said last; null while the spec names a server that was never read. What another
    /// server said counts for nothing.
    /// </summary>
    public static int? Of(V1Alpha1ConnectionBudget budget)
    {
        ArgumentNullException.ThrowIfNull(budget);
        if (SourceOf(budget.Spec) is not { } source)
            return budget.Spec.Capacity;
        return budget.Status?.Discovered is { } discovered && discovered.Source == source
            ? Math.Min(budget.Spec.Capacity ?? Most, discovered.Capacity)
            : null;
    }

    /// <summary>The server to read, without any credentials; null where there is none.</summary>
    public static string? SourceOf(ConnectionBudgetSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec switch
        {
            { Postgresql: { } server } => $"postgresql Secret {server.ConnectionSecretRef.Name}/{server.ConnectionSecretRef.Key}",
            { Redis: { } server } => $"redis {server.Address}",
            { Rabbitmq: { User: { } user } server } => $"rabbitmq {server.ManagementUrl} {server.Vhost} user {user}",
            { Rabbitmq: { } server } => $"rabbitmq {server.ManagementUrl} {server.Vhost}",
            _ => null,
        };
    }
}
