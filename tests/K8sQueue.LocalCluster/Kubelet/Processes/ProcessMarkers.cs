using System.Globalization;
using System.Text;

namespace K8sQueue.LocalCluster.Kubelet.Processes;

/// <summary>
/// Finds processes by a variable in the environment they were started with, which every descendant inherits: so also those that left the process group,
/// as a child with a session of its own does. In a container the end of PID 1 takes them along; here this does.
/// </summary>
internal static class ProcessMarkers
{
    /// <summary>Started by this LocalCluster.</summary>
    public const string Instance = "LOCALCLUSTER_INSTANCE";

    /// <summary>Belongs to this container.</summary>
    public const string Container = "LOCALCLUSTER_CONTAINER";

    private const int Rounds = 20;

    public static IReadOnlyList<int> Find(string variable, string value)
    {
        var marker = Encoding.UTF8.GetBytes($"{variable}={value}");
        var found = new List<int>();
        foreach (var path in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var pid) && Has(path, marker))
                found.Add(pid);
        }

        return found;
    }

    /// <summary>SIGKILL, again until none is left: one may be starting another meanwhile.</summary>
    public static void KillAll(string variable, string value)
    {
        for (var round = 0; round < Rounds && Find(variable, value) is { Count: > 0 } processes; round++)
        {
            foreach (var pid in processes)
                Signals.Send(pid, Signals.Kill);
        }
    }

    private static bool Has(string process, ReadOnlySpan<byte> marker)
    {
        try
        {
            ReadOnlySpan<byte> environment = File.ReadAllBytes(Path.Combine(process, "environ"));
            foreach (var range in environment.Split((byte)0))
            {
                if (environment[range].SequenceEqual(marker))
                    return true;
            }

            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Ended meanwhile, or another user's.
            return false;
        }
    }
}
