using System.Globalization;

namespace K8sQueue.Benchmarks.Api.Report;

/// <summary>The figures as text.</summary>
internal static class ApiTable
{
    public static void Write(TextWriter output, IReadOnlyList<ApiReport> reports, BulkMemory? memory)
    {
        WriteRow(output, "", "requests/s", "p50 ms", "p99 ms", "alone p50 ms", "alone p99 ms", "Redis CPU us");
        foreach (var report in reports)
        {
            var medians = report.Medians;
            WriteRow(
                output,
                report.Contender.Title,
                Text(medians.PerSecond, "N0"),
                Text(medians.P50, "N2"),
                Text(medians.P99, "N2"),
                Text(medians.AloneP50, "N3"),
                Text(medians.AloneP99, "N3"),
                report.Contender.StoresJobs ? Text(medians.RedisCpuMicroseconds, "N1") : "");
        }

        output.WriteLine();
        foreach (var report in reports.Where(report => report.Settings.Length > 0))
            output.WriteLine($"  {report.Contender.Title,-25}{report.Settings}");
        output.WriteLine();
        foreach (var ratio in ApiRatio.All)
        {
            if (ratio.Value(reports) is { } value)
                output.WriteLine($"  {ratio.Title,-32}{Text(value, "N2"),8}  (goal {ratio.Goal})");
        }

        if (memory is not null)
            output.WriteLine($"  {"a bulk stream, MiB above rest",-32}{Text(memory.AboveMib, "N1"),8}  (goal < 100)");
    }

    private static void WriteRow(TextWriter output, string title, params ReadOnlySpan<string> cells)
    {
        output.Write($"  {title,-25}");
        foreach (var cell in cells)
            output.Write($"{cell,14}");
        output.WriteLine();
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
