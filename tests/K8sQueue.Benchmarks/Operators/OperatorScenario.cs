using System.Globalization;

namespace K8sQueue.Benchmarks.Operators;

/// <summary>How many pools, and how they lie.</summary>
/// <param name="Pools">WorkerPools.</param>
/// <param name="PoolsPerNamespace">Pools of one namespace; they share one budget.</param>
/// <param name="Replicas">minReplicas of each pool: 0 for pools at rest, more for pools with that many (hollow) pods.</param>
/// <param name="CreatedFirst">Whether the pools are there before the operator starts, or are created while it runs.</param>
internal sealed record OperatorScenario(int Pools, int PoolsPerNamespace, int Replicas, bool CreatedFirst)
{
    public int Namespaces => Pools == 0 ? 0 : (Pools + PoolsPerNamespace - 1) / PoolsPerNamespace;

    public string NamespaceOf(int pool) => string.Create(CultureInfo.InvariantCulture, $"bench-{pool / PoolsPerNamespace:0000}");

    public override string ToString() =>
        $"{Pools} pools in {Namespaces} namespaces, {Replicas} replicas each, {(CreatedFirst ? "there at the operator's start" : "created while it runs")}";
}
