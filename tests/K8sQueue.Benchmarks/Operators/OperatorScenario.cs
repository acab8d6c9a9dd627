using System.Globalization;

namespace K8sQueue.Benchmarks.Operators;

/// <summary>How many pools, and how they lie.</summary>
/// <param name="Pools">WorkerPools.</param>
/// <param name="PoolsPerNamespace">Pools of one namespace; they share one budget.</param>
/// <param name="Replicas">minReplicas of each pool: 0 for pools at rest, more for pools with that many (hollow) pods.</param>
/// <param name="CreatedFirst">Whether the pools are there before the operator starts, or are created while it runs.</param>
/// <param name="Steady">How long writes are counted after everything has converged.</param>
internal sealed record OperatorScenario(int Pools, int PoolsPerNamespace, int Replicas, bool CreatedFirst, TimeSpan Steady)
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(30);

    /// <summary>What is measured where nothing else is asked for.</summary>
    /// <param name="most">The longest steady window.</param>
    public static IReadOnlyList<OperatorScenario> Defaults(TimeSpan most) =>
    [
        new(100, 10, 0, true, Min(Short, most)),
        new(1_000, 10, 0, true, Min(TimeSpan.FromMinutes(5), most)),
        new(1_000, 10, 1, true, Min(Short, most)),
        new(1_000, 1_000, 0, true, Min(Short, most)),
    ];

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    public int Namespaces => Pools == 0 ? 0 : (Pools + PoolsPerNamespace - 1) / PoolsPerNamespace;

    public string NamespaceOf(int pool) => string.Create(CultureInfo.InvariantCulture, $"bench-{pool / PoolsPerNamespace:0000}");

    public override string ToString() =>
        $"{Pools} pools in {Namespaces} namespaces, {Replicas} replicas each, {(CreatedFirst ? "there at the operator's start" : "created while it runs")}";
}
