using System.Diagnostics;

namespace K8sQueue.Core.Telemetry;

/// <summary>The <c>process_*</c> metrics that every Prometheus client has.</summary>
internal static class PrometheusTextProcess
{
    private static readonly double StartTime = ReadStartTime();

    public static void Write(PrometheusTextWriter writer)
    {
        writer.Header("process_cpu_seconds_total", "User and system CPU time spent in seconds.", "counter");
        writer.Sample("process_cpu_seconds_total", string.Empty, Environment.CpuUsage.TotalTime.TotalSeconds);
        writer.Header("process_resident_memory_bytes", "Resident memory in bytes.", "gauge");
        writer.Sample("process_resident_memory_bytes", string.Empty, Environment.WorkingSet);
        writer.Header("process_start_time_seconds", "Start of the process in seconds since the Unix epoch.", "gauge");
        writer.Sample("process_start_time_seconds", string.Empty, StartTime);
    }

    private static double ReadStartTime()
    {
        using var process = Process.GetCurrentProcess();
        return new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000d;
    }
}
