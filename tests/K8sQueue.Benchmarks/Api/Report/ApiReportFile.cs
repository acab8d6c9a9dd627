using System.Text.Json;
using K8sQueue.Benchmarks.Processes;
using K8sQueue.Benchmarks.Queues;

namespace K8sQueue.Benchmarks.Api.Report;

/// <summary>bench-api.json: the ratios by name, then everything they come from.</summary>
internal static class ApiReportFile
{
    private const string FileName = "bench-api.json";

    /// <summary>Writes the file and answers its path.</summary>
    public static async Task<string> WriteAsync(ApiBenchmarkOptions options, IReadOnlyList<ApiReport> reports, BulkMemory? memory, double loadBefore)
    {
        options.Output.Create();
        var path = Path.Combine(options.Output.FullName, FileName);
        await using var stream = File.Create(path);
        await using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        foreach (var ratio in ApiRatio.All)
        {
            if (ratio.Value(reports) is { } value)
                json.WriteNumber(ratio.Name, Math.Round(value, 3));
        }

        if (reports.FirstOrDefault(report => report.Contender.Name == ApiContender.Tracked) is { } tracked)
            json.WriteNumber("p99_ms", Math.Round(tracked.Medians.P99, 3));
        if (memory is not null)
        {
            json.WriteNumber("bulk_rss_mib", Math.Round(memory.AboveMib, 1));
            json.WriteNumber("bulk_idle_rss_mib", Math.Round(memory.IdleMib, 1));
            json.WriteNumber("bulk_jobs", options.BulkJobs);
        }

        json.WriteNumber("payload_bytes", BenchmarkPayload.Length);
        json.WriteNumber("connections", options.Connections);
        json.WriteNumber("processors", Environment.ProcessorCount);
        json.WriteNumber("load_before", loadBefore);
        json.WriteNumber("load_after", LoadAverage.Now());
        json.WriteStartObject("contenders");
        foreach (var report in reports)
            ContenderJson.Write(json, report.Contender.Name, report.Settings, report.Medians, report.Runs, WriteFigures);
        json.WriteEndObject();
        json.WriteEndObject();
        return path;
    }

    private static void WriteFigures(Utf8JsonWriter json, ApiFigures figures)
    {
        json.WriteNumber("requests_per_second", Math.Round(figures.PerSecond));
        json.WriteNumber("redis_cpu_us_per_request", Math.Round(figures.RedisCpuMicroseconds, 2));
        json.WriteNumber("p50_ms", Math.Round(figures.P50, 3));
        json.WriteNumber("p99_ms", Math.Round(figures.P99, 3));
        json.WriteNumber("alone_p50_ms", Math.Round(figures.AloneP50, 3));
        json.WriteNumber("alone_p99_ms", Math.Round(figures.AloneP99, 3));
    }
}
