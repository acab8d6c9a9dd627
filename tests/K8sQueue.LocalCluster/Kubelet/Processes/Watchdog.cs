using System.Diagnostics;

namespace K8sQueue.LocalCluster.Kubelet.Processes;

/// <summary>
/// A small shell that waits for the end of LocalCluster, however it comes, and then kills every process that carries its marker: after a SIGKILL nobody else could.
/// It notices by the end of the pipe to its standard input.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    private const string Script = """
        exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
        cat >/dev/null
        for round in 1 2 3 4 5 6 7 8 9 10; do
          pids=$(grep -lszFx "$0" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3)
          [ -n "$pids" ] || exit 0
          kill -KILL $pids 2>/dev/null
          sleep 0.1
        done
        """;

    private readonly Process _process;

    public Watchdog(string instance)
    {
        var start = new ProcessStartInfo("setsid")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments = ["/bin/sh", "-c", Script, $"{ProcessMarkers.Instance}={instance}"];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment.Remove(ProcessMarkers.Instance);
        _process = Process.Start(start)!;
    }

    /// <summary>Closes the pipe: the shell looks once more for what is left, and ends.</summary>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.Dispose();
    }
}
