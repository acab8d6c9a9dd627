namespace K8sQueue.Benchmarks.Workers;

/// <summary>What the benchmark of the worker does.</summary>
internal sealed record WorkerBenchmarkOptions
{
    /// <summary>How often a worker is started.</summary>
    public required int Starts { get; init; }

    /// <summary>How long each is probed, once a second, before its memory is read.</summary>
    public required TimeSpan Idle { get; init; }

    /// <summary>How long a worker runs at full speed; zero for not at all.</summary>
    public required TimeSpan Soak { get; init; }

    /// <summary>The worker's program, as `make worker` left it.</summary>
    public required FileInfo Worker { get; init; }

    /// <summary>The folder of bench-worker.json.</summary>
    public required DirectoryInfo Output { get; init; }
}
