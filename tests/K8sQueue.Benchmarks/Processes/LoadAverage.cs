using System.Globalization;

namespace K8sQueue.Benchmarks.Processes;

/// <summary>How busy the machine is: figures of a busy one are worth little.</summary>
internal static class LoadAverage
{
    /// <summary>Of the last minute.</summary>
    public static double Now() => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);
}
