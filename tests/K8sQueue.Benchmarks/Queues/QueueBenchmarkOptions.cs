namespace K8sQueue.Benchmarks.Queues;

/// <summary>What one run of the benchmark does.</summary>
internal sealed record QueueBenchmarkOptions
{
    public static readonly QueueBenchmarkOptions Full = new() { Jobs = 200_000, SweepJobs = 30_000, Runs = 3, LatencyJobs = 1_000 };

    public static readonly QueueBenchmarkOptions Quick = new() { Jobs = 20_000, SweepJobs = 5_000, Runs = 1, LatencyJobs = 200 };

    /// <summary>Jobs of one run of bulk enqueue and of processing.</summary>
    public required int Jobs { get; init; }

    /// <summary>Jobs for each setting that a contender tries before it is measured.</summary>
    public required int SweepJobs { get; init; }

    /// <summary>Runs, of which the medians count.</summary>
    public required int Runs { get; init; }

    /// <summary>Jobs that are enqueued one by one on an idle queue.</summary>
    public required int LatencyJobs { get; init; }

    /// <summary>The contenders that are measured, of <see cref="QueueContenders.Names"/>.</summary>
    public IReadOnlyList<string> Only { get; init; } = QueueContenders.Names;

    /// <summary>Whether Redis writes an append-only file, synced every second.</summary>
    public bool Aof { get; init; }

    /// <summary>Whether the cost of each Redis command is printed.</summary>
    public bool CommandStatistics { get; init; }

    /// <summary>The folder of bench-queue.json.</summary>
    public DirectoryInfo Output { get; init; } = new("artifacts");
}
