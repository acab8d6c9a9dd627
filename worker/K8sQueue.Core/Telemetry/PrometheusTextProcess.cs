using System.Diagnostics;
using System.Globalization;

namespace K8sQueue.Core.Telemetry;

/// <summary>
/// The <c>process_*</c> metrics that every Prometheus client has. Files and memory are those of Linux's /proc; elsewhere they are left out, as
/// the clients do.
/// </summary>
internal static class PrometheusTextProcess
{
    private const string Descriptors = "/proc/self/fd";
    private const string Limits = "/proc/self/limits";
    private const string Memory = "/proc/self/statm";

    private static readonly double StartTime = ReadStartTime();

    public static void Write(PrometheusTextWriter writer)
    {
        writer.Header("process_cpu_seconds_total", "User and system CPU time spent in seconds.", "counter");
        writer.Sample("process_cpu_seconds_total", string.Empty, Environment.CpuUsage.TotalTime.TotalSeconds);
        Write(writer, "process_open_fds", "Number of open file descriptors.", OpenDescriptors());
        Write(writer, "process_max_fds", "Maximum number of open file descriptors.", MaxDescriptors(Lines(Limits)));
        Write(writer, "process_virtual_memory_bytes", "Virtual memory in bytes.", VirtualBytes(Lines(Memory)));
        writer.Header("process_resident_memory_bytes", "Resident memory in bytes.", "gauge");
        writer.Sample("process_resident_memory_bytes", string.Empty, Environment.WorkingSet);
        writer.Header("process_start_time_seconds", "Start of the process in seconds since the Unix epoch.", "gauge");
        writer.Sample("process_start_time_seconds", string.Empty, StartTime);
    }

    /// <summary>The soft limit in the lines of a limits file; infinite where there is none, null where the line is missing.</summary>
    internal static double? MaxDescriptors(IEnumerable<string> limits)
    {
        const string name = "Max open files";
        if (limits.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is not { } limit)
            return null;
        return limit[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["unlimited", ..] => double.PositiveInfinity,
            [var soft, ..] when long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var count) => count,
            _ => null,
        };
    }

    /// <summary>The first figure of a statm file, in bytes.</summary>
    internal static double? VirtualBytes(IEnumerable<string> statm) =>
        long.TryParse(statm.FirstOrDefault()?.Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var pages)
            ? (double)pages * Environment.SystemPageSize
            : null;

    private static void Write(PrometheusTextWriter writer, string name, string help, double? value)
    {
        if (value is null)
            return;
        writer.Header(name, help, "gauge");
        writer.Sample(name, string.Empty, value.Value);
    }

    // Counting opens one more, the folder itself.
    private static double? OpenDescriptors() => Read<double?>(() => Directory.EnumerateFileSystemEntries(Descriptors).Count() - 1, null);

    private static IReadOnlyList<string> Lines(string path) => Read<IReadOnlyList<string>>(() => File.ReadAllLines(path), []);

    private static T Read<T>(Func<T> read, T otherwise)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return otherwise;
        }
    }

    private static double ReadStartTime()
    {
        using var process = Process.GetCurrentProcess();
        return new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000d;
    }
}
