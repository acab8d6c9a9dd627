namespace K8sQueue.Benchmarks.Queues;

/// <summary>How a backlog is worked off.</summary>
/// <param name="Fetch">Jobs of one fetch.</param>
/// <param name="Parallel">Batches whose completion is under way at the same time.</param>
internal readonly record struct WorkSettings(int Fetch, int Parallel)
{
    /// <summary>What the contenders that fetch in batches try.</summary>
    public static readonly IReadOnlyList<WorkSettings> Candidates =
    [
        .. from fetch in new[] { 500, 1000 } from parallel in new[] { 1, 2, 4, 8 } select new WorkSettings(fetch, parallel),
    ];

    public override string ToString() => $"work {Parallel} x {Fetch}";
}
