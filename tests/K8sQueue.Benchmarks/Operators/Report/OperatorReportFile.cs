using System.Text.Json;

namespace K8sQueue.Benchmarks.Operators.Report;

/// <summary>bench-operator.json: a row a run.</summary>
internal static class OperatorReportFile
{
    public const string FileName = "bench-operator.json";

    public static async Task<string> WriteAsync(DirectoryInfo folder, IReadOnlyList<OperatorFigures> rows)
    {
        folder.Create();
        var path = Path.Combine(folder.FullName, FileName);
        await using var stream = File.Create(path);
        await using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteNumber("processors", Environment.ProcessorCount);
        json.WriteStartArray("rows");
        foreach (var row in rows)
            Write(json, row);
        json.WriteEndArray();
        json.WriteEndObject();
        return path;
    }

    private static void Write(Utf8JsonWriter json, OperatorFigures row)
    {
        json.WriteStartObject();
        json.WriteNumber("pools", row.Scenario.Pools);
        json.WriteNumber("namespaces", row.Scenario.Namespaces);
        json.WriteNumber("replicas", row.Scenario.Replicas);
        json.WriteBoolean("created_first", row.Scenario.CreatedFirst);
        json.WriteNumber("converged", row.Converged);
        json.WriteNumber("seconds", Math.Round(row.Seconds, 1));
        json.WriteNumber("settle_seconds", Math.Round(row.SettleSeconds, 1));
        json.WriteNumber("rss_mib", Math.Round(row.RssMib, 1));
        json.WriteNumber("peak_rss_mib", Math.Round(row.PeakMib, 1));
        json.WriteNumber("cpu_seconds", Math.Round(row.CpuSeconds, 1));
        json.WriteNumber("convergence_writes", row.ConvergenceWrites);
        json.WriteNumber("convergence_reads", row.ConvergenceReads);
        json.WriteNumber("steady_seconds", row.SteadyWindowSeconds);
        json.WriteNumber("steady_writes", row.SteadyWrites);
        json.WriteNumber("steady_reads", row.SteadyReads);
        json.WriteNumber("steady_lease_writes", row.SteadyLeaseWrites);
        json.WriteNumber("steady_cpu_seconds", Math.Round(row.SteadyCpuSeconds, 1));
        json.WriteNumber("load_before", row.LoadBefore);
        json.WriteNumber("load_converged", row.LoadConverged);
        json.WriteNumber("server_cpu_seconds", Math.Round(row.ServerCpuSeconds, 1));
        json.WriteNumber("server_peak_mib", Math.Round(row.ServerMib, 1));
        json.WriteEndObject();
    }
}
