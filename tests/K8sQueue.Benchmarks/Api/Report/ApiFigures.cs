namespace K8sQueue.Benchmarks.Api.Report;

/// <summary>What one server reached in one run, or the medians of several. Times are in milliseconds, from request to answer.</summary>
internal sealed record ApiFigures
{
    public double PerSecond { get; init; }

    /// <summary>Processor time of Redis for each request, in microseconds.</summary>
    public double RedisCpuMicroseconds { get; init; }

    public double P50 { get; init; }

    public double P99 { get; init; }

    /// <summary>With one connection, when nothing else is to be done.</summary>
    public double AloneP50 { get; init; }

    public double AloneP99 { get; init; }

    public static ApiFigures Medians(IReadOnlyList<ApiFigures> runs) => new()
    {
        PerSecond = Median(runs, run => run.PerSecond),
        RedisCpuMicroseconds = Median(runs, run => run.RedisCpuMicroseconds),
        P50 = Median(runs, run => run.P50),
        P99 = Median(runs, run => run.P99),
        AloneP50 = Median(runs, run => run.AloneP50),
        AloneP99 = Median(runs, run => run.AloneP99),
    };

    private static double Median(IReadOnlyList<ApiFigures> runs, Func<ApiFigures, double> select)
    {
        double[] sorted = [.. runs.Select(select).Order()];
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

/// <summary>One server's runs.</summary>
/// <param name="Contender">The row.</param>
/// <param name="Settings">What it ran with.</param>
/// <param name="Runs">The figures of each run.</param>
internal sealed record ApiReport(ApiContender Contender, string Settings, List<ApiFigures> Runs)
{
    public ApiFigures Medians => ApiFigures.Medians(Runs);
}

/// <summary>The API's resident memory around a stream of jobs.</summary>
internal sealed record BulkMemory(double IdleMib, double PeakMib)
{
    public double AboveMib => PeakMib - IdleMib;
}
