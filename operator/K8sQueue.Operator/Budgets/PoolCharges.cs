using System.Text.Json;
using K8sQueue.Core.Redis;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Resources.Pods;

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
    private const string Durability = RedisQueueConfiguration.Prefix + RedisQueueConfiguration.Durability;

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
            .Select(name => new PoolCharge(name, SocketsOf(spec.Template), Weight: 1)));
        return charges;
    }

    /// <summary>What its worker may open: a setting whose value is elsewhere may be the one that takes more.</summary>
    private static int SocketsOf(PodTemplate template)
    {
        var containers = template.Spec.Containers;
        var worker = containers.Find(container => container.Name == PodTemplateBuilder.WorkerContainer) ?? containers.FirstOrDefault();
        return worker?.Other?.TryGetValue("env", out var env) == true && env.ValueKind == JsonValueKind.Array && env.EnumerateArray().Any(IsFsync)
            ? RedisSockets.PerFsyncWorker
            : RedisSockets.PerWorker;
    }

    private static bool IsFsync(JsonElement variable) =>
        variable.ValueKind == JsonValueKind.Object
        && variable.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String && name.ValueEquals(Durability)
        && !(variable.TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.String && value.ValueEquals("async"));

    private static bool IsOf(RedisServerSpec? server, RedisConnectionSpec redis) =>
        server is not null && server.Tls == redis.Tls && string.Equals(server.Address, redis.Address, StringComparison.OrdinalIgnoreCase);
}
