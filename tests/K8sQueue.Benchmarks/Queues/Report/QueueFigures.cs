namespace K8sQueue.Benchmarks.Queues.Report;

/// <summary>What one contender reached in one run, or the medians of several.</summary>
internal sealed record QueueFigures
{
    /// <summary>Bulk enqueue into memory that the server has just freed.</summary>
    public double EnqueuedPerSecond { get; init; }

    /// <summary>Bulk enqueue by a server that had given its memory back to the system.</summary>
    public double EnqueuedToNewMemoryPerSecond { get; init; }

    public double ProcessedPerSecond { get; init; }

    /// <summary>Processor time of the server for each processed job, in microseconds.</summary>
    public double RedisCpuMicroseconds { get; init; }

    /// <summary>Processor time of the worker's process for each processed job, in microseconds.</summary>
    public double ClientCpuMicroseconds { get; init; }

    /// <summary>Enqueue to start on an idle queue, in milliseconds.</summary>
    public double P50 { get; init; }

    public double P99 { get; init; }

    public static QueueFigures Medians(IReadOnlyList<QueueFigures> runs) => new()
    {
        EnqueuedToNewMemoryPerSecond = Median(runs, run => run.EnqueuedToNewMemoryPerSecond),
        EnqueuedPerSecond = Median(runs, run => run.EnqueuedPerSecond),
        ProcessedPerSecond = Median(runs, run => run.ProcessedPerSecond),
        RedisCpuMicroseconds = Median(runs, run => run.RedisCpuMicroseconds),
        ClientCpuMicroseconds = Median(runs, run => run.ClientCpuMicroseconds),
        P50 = Median(runs, run => run.P50),
        P99 = Median(runs, run => run.P99),
    };

    private static double Median(IReadOnlyList<QueueFigures> runs, Func<QueueFigures, double> select)
    {
        double[] sorted = [.. runs.Select(select).Order()];
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

/// <summary>One contender's runs.</summary>
/// <param name="Name">The contender's name in <see cref="QueueContenders"/>.</param>
/// <param name="Title">The row's name.</param>
/// <param name="Settings">What it ran with.</param>
/// <param name="Runs">The figures of each run.</param>
internal sealed record ContenderReport(string Name, string Title, string Settings, IReadOnlyList<QueueFigures> Runs)
{
    public QueueFigures Medians { get; } = QueueFigures.Medians(Runs);
}
