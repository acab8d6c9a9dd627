using System.Text.Json;

namespace K8sQueue.Benchmarks.Queues.Report;

/// <summary>bench-queue.json: the ratios by name, then everything they come from.</summary>
internal static class QueueReportFile
{
    public const string FileName = "bench-queue.json";

    public static async Task<string> WriteAsync(DirectoryInfo folder, int jobs, IReadOnlyList<ContenderReport> reports)
    {
        folder.Create();
        var path = Path.Combine(folder.FullName, FileName);
        await using var stream = File.Create(path);
        await using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        foreach (var ratio in QueueRatio.All)
        {
            if (ratio.Value(reports) is { } value)
                json.WriteNumber(ratio.Name, Math.Round(value, 3));
        }

        json.WriteNumber("jobs", jobs);
        json.WriteNumber("payload_bytes", BenchmarkPayload.Length);
        json.WriteStartObject("contenders");
        foreach (var report in reports)
            ContenderJson.Write(json, report.Name, report.Settings, report.Medians, report.Runs, WriteFigures);
        json.WriteEndObject();
        json.WriteEndObject();
        return path;
    }

    private static void WriteFigures(Utf8JsonWriter json, QueueFigures figures)
    {
        json.WriteNumber("enqueued_per_second", Math.Round(figures.EnqueuedPerSecond));
        json.WriteNumber("enqueued_to_new_memory_per_second", Math.Round(figures.EnqueuedToNewMemoryPerSecond));
        json.WriteNumber("processed_per_second", Math.Round(figures.ProcessedPerSecond));
        json.WriteNumber("redis_cpu_us_per_job", Math.Round(figures.RedisCpuMicroseconds, 3));
        json.WriteNumber("client_cpu_us_per_job", Math.Round(figures.ClientCpuMicroseconds, 3));
        json.WriteNumber("start_p50_ms", Math.Round(figures.P50, 4));
        json.WriteNumber("start_p99_ms", Math.Round(figures.P99, 4));
    }
}
