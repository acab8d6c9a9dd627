using K8sQueue.Core.Redis;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Budgets;

/// <summary>What each replica of a pool takes of a budget.</summary>
/// <param name="Budget">The budget's name.</param>
/// <param name="PerReplica">Connections.</param>
/// <param name="Weight">The pool's weight in this budget.</param>
public sealed record PoolCharge(string Budget, int PerReplica, int Weight);

/// <summary>
/// The budgets that a pool is charged to: those of its <c>connections</c>, then, for a pool of native queues, those of their Redis, for what
/// the worker itself opens. Pure. Whatever depends on charges (pods, hash, shares, references) asks here, so that all agree.
/// </summary>
public static class PoolCharges
{
    /// <param name="spec">The pool's.</param>
    /// <param name="budgets">Those of its namespace.</param>
    public static IReadOnlyList<PoolCharge> Of(WorkerPoolSpec spec, IEnumerable<V1Alpha1ConnectionBudget> budgets)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(budgets);
        var charges = (spec.Connections ?? []).ConvertAll(connection => new PoolCharge(connection.Budget, connection.PerReplica, connection.Weight));
        if (spec.Queues.Find(queue => queue.K8squeue is not null)?.K8squeue!.Redis is not { } redis)
            return charges;
        // What the spec says itself goes before.
        charges.AddRange(budgets.Where(budget => !budget.IsDeleting() && IsOf(budget.Spec.Redis, redis))
            .Select(budget => budget.Metadata.Name!)
            .Where(name => !charges.Exists(charge => charge.Budget == name))
            .Order(StringComparer.Ordinal)
            .Select(name => new PoolCharge(name, RedisSockets.PerWorker, Weight: 1)));
        return charges;
    }

    private static bool IsOf(RedisServerSpec? server, RedisConnectionSpec redis) =>
        server is not null && server.Tls == redis.Tls && string.Equals(server.Address, redis.Address, StringComparison.OrdinalIgnoreCase);
}
