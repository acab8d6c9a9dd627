using System.Globalization;

namespace K8sQueue.Benchmarks.Operators.Report;

/// <summary>The figures as text.</summary>
internal static class OperatorTable
{
    public static void Write(TextWriter output, IReadOnlyList<OperatorFigures> rows)
    {
        WriteRow(output, "pools", "namespaces", "replicas", "converged", "in s", "RSS MiB", "peak MiB", "CPU s", "server CPU s", "steady writes", "steady reads", "in s", "load");
        foreach (var row in rows)
        {
            WriteRow(
                output,
                Text(row.Scenario.Pools, "0"),
                Text(row.Scenario.Namespaces, "0"),
                Text(row.Scenario.Replicas, "0"),
                Text(row.Converged, "0"),
                Text(row.Seconds, "0.0"),
                Text(row.RssMib, "0.0"),
                Text(row.PeakMib, "0.0"),
                Text(row.CpuSeconds, "0.0"),
                Text(row.ServerCpuSeconds, "0.0"),
                Text(row.SteadyWrites, "0"),
                Text(row.SteadyReads, "0"),
                Text(row.SteadyWindowSeconds, "0"),
                $"{Text(row.LoadBefore, "0.0")} - {Text(row.LoadConverged, "0.0")}");
        }
    }

    private static void WriteRow(TextWriter output, params ReadOnlySpan<string> cells)
    {
        foreach (var cell in cells)
            output.Write($"{cell,14}");
        output.WriteLine();
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
