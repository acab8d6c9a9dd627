using System.Collections.Concurrent;
using System.Diagnostics;

namespace K8sQueue.Quickstart.Processes;

/// <summary>
/// Starts children that can't outlive this process: each is in a session of its own (so a Ctrl-C reaches only us, and we stop them in
/// order), and gets a SIGTERM from the kernel should we be killed. They are stopped in the reverse order of their start.
/// </summary>
/// <remarks>
/// The parent-death signal belongs to the <i>thread</i> that started the child (prctl(2), PR_SET_PDEATHSIG), so all are started on one
/// thread that lives as long as the supervisor.
/// </remarks>
public sealed class ProcessSupervisor : IAsyncDisposable
{
    private readonly string _logDirectory;
    private readonly BlockingCollection<Action> _starts = [];
    private readonly List<ManagedProcess> _processes = [];
    private readonly Thread _starter;

    public ProcessSupervisor(string logDirectory)
    {
        Directory.CreateDirectory(logDirectory);
        _logDirectory = logDirectory;
        _starter = new Thread(RunStarts) { IsBackground = true, Name = "process starter" };
        _starter.Start();
    }

    /// <summary>Starts a program.</summary>
    /// <param name="name">Names the log file.</param>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="environment">Added to this process's environment.</param>
    /// <param name="restartsAfter">Exit codes after which it is started again, as a kubelet does, where nobody here ended it; null for none.</param>
    public async Task<ManagedProcess> StartAsync(
        string name, IReadOnlyList<string> command, IReadOnlyDictionary<string, string>? environment = null, IReadOnlyList<int>? restartsAfter = null)
    {
        var process = await StartOnceAsync(command, environment);
        var managed = new ManagedProcess(
            name, process, Path.Combine(_logDirectory, $"{name}.log"), restartsAfter ?? [], () => StartOnceAsync(command, environment));
        _processes.Add(managed);
        return managed;
    }

    /// <exception cref="QuickstartException">A process that should run has ended; the message has the end of its log.</exception>
    public void ThrowIfAnyExited()
    {
        foreach (var process in _processes)
        {
            if (process.HasExited)
                throw new QuickstartException($"{process.Name} ended unexpectedly (exit code {process.ExitCode}). The end of {process.LogFile}:\n{process.Tail()}");
        }
    }

    /// <summary>Stops one process for good, on purpose.</summary>
    public async Task RemoveAsync(ManagedProcess process)
    {
        _processes.Remove(process);
        await process.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_processes))
            await process.DisposeAsync();
        _processes.Clear();
        _starts.CompleteAdding();
        _starter.Join();
        _starts.Dispose();
    }

    private async Task<Process> StartOnceAsync(IReadOnlyList<string> command, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo("setpriv")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var argument in (string[])["--pdeathsig", "TERM", "setsid", .. command])
            start.ArgumentList.Add(argument);
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
            start.Environment[key] = value;
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        _starts.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(start)!);
            }
            catch (Exception e)
            {
                started.SetException(e);
            }
        });
        var process = await started.Task;
        process.StandardInput.Close();
        return process;
    }

    private void RunStarts()
    {
        foreach (var start in _starts.GetConsumingEnumerable())
            start();
    }
}
