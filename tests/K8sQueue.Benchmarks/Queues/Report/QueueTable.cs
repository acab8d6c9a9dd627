using System.Globalization;

namespace K8sQueue.Benchmarks.Queues.Report;

/// <summary>The figures as text.</summary>
internal static class QueueTable
{
    public static void Write(TextWriter output, IReadOnlyList<ContenderReport> reports)
    {
        WriteRow(output, "", "bulk enqueue/s", "to new memory/s", "processed/s", "Redis CPU us/job", "client CPU us/job", "start p50 ms", "start p99 ms");
        foreach (var report in reports)
        {
            var medians = report.Medians;
            WriteRow(
                output,
                report.Title,
                Text(medians.EnqueuedPerSecond, "N0"),
                Text(medians.EnqueuedToNewMemoryPerSecond, "N0"),
                Text(medians.ProcessedPerSecond, "N0"),
                Text(medians.RedisCpuMicroseconds, "N2"),
                Text(medians.ClientCpuMicroseconds, "N2"),
                Text(medians.P50, "N3"),
                Text(medians.P99, "N3"));
        }

        output.WriteLine();
        foreach (var report in reports)
            output.WriteLine($"  {report.Title,-20}{report.Settings}");
        output.WriteLine();
        foreach (var ratio in QueueRatio.All)
        {
            if (ratio.Value(reports) is { } value)
                output.WriteLine($"  {ratio.Title,-36}{Text(value, "N2"),8}  {(ratio.Goal.Length > 0 ? $"(goal {ratio.Goal})" : "")}".TrimEnd());
        }
    }

    private static void WriteRow(TextWriter output, string title, params ReadOnlySpan<string> cells)
    {
        output.Write($"  {title,-20}");
        foreach (var cell in cells)
            output.Write($"{cell,18}");
        output.WriteLine();
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
