using System.Diagnostics;

namespace K8sQueue.LocalCluster.Kubelet.Processes;

/// <summary>What to run, and where its output goes.</summary>
internal sealed record ProcessSpec(
    IReadOnlyList<string> Command, IReadOnlyDictionary<string, string> Environment, string WorkingDirectory, string LogFile, string ContainerId);

/// <summary>A process with a session and process group of its own, its output appended to a file.</summary>
internal sealed class ProcessGroup
{
    /// <summary>A real runtime's exit code where the command cannot be started.</summary>
    public const int StartErrorCode = 128;

    // The shell only redirects and is replaced by the command: the process id stays, and nothing of the output passes through LocalCluster.
    // Files that LocalCluster itself inherited (a lock, a pipe) are not the pod's to hold.
    private const string Redirect = "exec </dev/null >>\"$0\" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; exec \"$@\"";

    private readonly string _containerId;

    private ProcessGroup(Process process, string containerId)
    {
        Id = process.Id;
        _containerId = containerId;
        Exited = WaitAsync(process);
    }

    public int Id { get; }

    /// <summary>The exit code, 128 + n after signal n; completes when the main process has ended.</summary>
    public Task<int> Exited { get; }

    /// <exception cref="FileNotFoundException">There is no such executable, or no such working directory.</exception>
    public static ProcessGroup Start(ProcessSpec spec, string instance)
    {
        if (!Directory.Exists(spec.WorkingDirectory))
            throw new FileNotFoundException($"chdir to cwd (\"{spec.WorkingDirectory}\") failed: no such file or directory");
        if (!IsExecutable(spec.Command[0], spec.Environment.GetValueOrDefault("PATH") ?? "", spec.WorkingDirectory))
            throw new FileNotFoundException($"exec: \"{spec.Command[0]}\": executable file not found in $PATH");
        var start = new ProcessStartInfo("setsid")
        {
            WorkingDirectory = spec.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments = ["/bin/sh", "-c", Redirect, spec.LogFile, .. spec.Command];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment.Clear();
        foreach (var (name, value) in spec.Environment)
            start.Environment[name] = value;
        start.Environment[ProcessMarkers.Instance] = instance;
        start.Environment[ProcessMarkers.Container] = spec.ContainerId;
        return new ProcessGroup(Process.Start(start)!, spec.ContainerId);
    }

    public void Signal(int signal)
    {
        if (!Exited.IsCompleted)
            Signals.Send(Id, signal);
    }

    /// <summary>SIGKILL for the group.</summary>
    public void KillGroup()
    {
        if (!Exited.IsCompleted)
            Signals.SendToGroup(Id, Signals.Kill);
    }

    /// <summary>SIGKILL for the group and for every other process of the container.</summary>
    public void KillAll()
    {
        KillGroup();
        ProcessMarkers.KillAll(ProcessMarkers.Container, _containerId);
    }

    private static async Task<int> WaitAsync(Process process)
    {
        using (process)
        {
            await process.WaitForExitAsync().ConfigureAwait(false);
            return process.ExitCode;
        }
    }

    private static bool IsExecutable(string command, string path, string workingDirectory)
    {
        if (command.Contains('/', StringComparison.Ordinal))
            return CanExecute(Path.Combine(workingDirectory, command));
        return path.Split(':', StringSplitOptions.RemoveEmptyEntries).Any(d => CanExecute(Path.Combine(d, command)));
    }

    private static bool CanExecute(string file) =>
        File.Exists(file) && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
}
