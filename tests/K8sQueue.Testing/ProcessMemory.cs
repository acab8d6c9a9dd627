using System.Globalization;

namespace K8sQueue.Testing;

/// <summary>The resident memory of a process, as the kernel tells it.</summary>
/// <param name="RssMib">Now (VmRSS).</param>
/// <param name="PeakMib">At most so far (VmHWM).</param>
public sealed record ProcessMemory(double RssMib, double PeakMib)
{
    public static ProcessMemory Of(int processId)
    {
        var lines = File.ReadAllLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/status"));
        return new ProcessMemory(Mib(lines, "VmRSS:"), Mib(lines, "VmHWM:"));
    }

    private static double Mib(string[] lines, string name)
    {
        var line = Array.Find(lines, line => line.StartsWith(name, StringComparison.Ordinal)) ?? $"{name} 0 kB";
        return double.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
