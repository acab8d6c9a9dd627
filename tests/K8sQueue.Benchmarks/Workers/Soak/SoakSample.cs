using System.Globalization;

namespace K8sQueue.Benchmarks.Workers.Soak;

/// <summary>A worker at full speed at one moment, as a line that its process prints.</summary>
/// <param name="Seconds">Since it began.</param>
/// <param name="Jobs">Jobs that it has handled.</param>
/// <param name="AllocatedBytes">All that its process ever allocated.</param>
/// <param name="HeapMib">Its heap after the last collection.</param>
/// <param name="RssMib">Its resident memory.</param>
internal sealed record SoakSample(double Seconds, long Jobs, long AllocatedBytes, double HeapMib, double RssMib)
{
    private const string Mark = "soak ";
    private const double Mib = 1024 * 1024;

    public static SoakSample Now(TimeSpan elapsed, long jobs) => new(
        elapsed.TotalSeconds, jobs, GC.GetTotalAllocatedBytes(), GC.GetGCMemoryInfo().HeapSizeBytes / Mib, Environment.WorkingSet / Mib);

    /// <summary>The samples among the lines of a log.</summary>
    public static IEnumerable<SoakSample> Of(IEnumerable<string> lines) =>
        from line in lines
        where line.StartsWith(Mark, StringComparison.Ordinal)
        let parts = line[Mark.Length..].Split(' ')
        select new SoakSample(Number(parts[0]), (long)Number(parts[1]), (long)Number(parts[2]), Number(parts[3]), Number(parts[4]));

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Mark}{Seconds:0.000} {Jobs} {AllocatedBytes} {HeapMib:0.00} {RssMib:0.00}");

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
