namespace K8sQueue.Benchmarks.Operators;

/// <summary>What the benchmark of the operator does.</summary>
internal sealed record OperatorBenchmarkOptions
{
    /// <summary>What is measured, each on a fresh server.</summary>
    public required IReadOnlyList<OperatorScenario> Scenarios { get; init; }

    /// <summary>The longest that a convergence may take, the creation of the pools included.</summary>
    public required TimeSpan Limit { get; init; }

    /// <summary>The operator's assembly.</summary>
    public required FileInfo Operator { get; init; }

    /// <summary>LocalCluster's assembly.</summary>
    public required FileInfo LocalCluster { get; init; }

    /// <summary>The CustomResourceDefinitions.</summary>
    public required DirectoryInfo Definitions { get; init; }

    /// <summary>The folder of bench-operator.json.</summary>
    public DirectoryInfo Output { get; init; } = new("artifacts");
}
