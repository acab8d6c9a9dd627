using System.Diagnostics;

namespace K8sQueue.Quickstart.Processes;

/// <summary>A child process whose output goes to a log file; it is asked to end, then made to.</summary>
public sealed class ManagedProcess : IAsyncDisposable
{
    private readonly StreamWriter _log;
    private readonly SemaphoreSlim _logTurn = new(1);
    private readonly IReadOnlyList<int> _restartsAfter;
    private readonly Func<Task<Process>> _restart;
    private readonly SemaphoreSlim _changes = new(1);
    private readonly Task _run;
    private Process _process;
    private volatile bool _stopping;
    private volatile bool _exited;

    internal ManagedProcess(string name, Process process, string logFile, IReadOnlyList<int> restartsAfter, Func<Task<Process>> restart)
    {
        Name = name;
        LogFile = logFile;
        _process = process;
        _restartsAfter = restartsAfter;
        _restart = restart;
        _log = new StreamWriter(logFile, append: true) { AutoFlush = true };
        _run = RunAsync();
    }

    public string Name { get; }

    public string LogFile { get; }

    /// <summary>Whether it has ended for good.</summary>
    public bool HasExited => _exited;

    /// <summary>Once it has ended; 128 and the signal's number where a signal ended it.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        _stopping = true;
        _process.Kill();
    }

    /// <summary>SIGTERM, then SIGKILL after the grace.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        await _changes.WaitAsync();
        _stopping = true;
        _changes.Release();
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
            await kill.WaitForExitAsync();
            try
            {
                await _process.WaitForExitAsync().WaitAsync(grace);
            }
            catch (TimeoutException)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync();
            }
        }
    }

    /// <summary>The last lines of the log, for an error message.</summary>
    public string Tail(int lines = 15)
    {
        using var stream = new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return string.Join('\n', reader.ReadToEnd().TrimEnd().Split('\n').TakeLast(lines));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.FromSeconds(30));
        await _run;
        await _log.DisposeAsync();
        _process.Dispose();
        _logTurn.Dispose();
        _changes.Dispose();
    }

    private async Task RunAsync()
    {
        var outputs = new List<Task>();
        do
        {
            outputs.AddRange([CopyAsync(_process.StandardOutput), CopyAsync(_process.StandardError)]);
            await _process.WaitForExitAsync();
        }
        while (_restartsAfter.Contains(_process.ExitCode) && await TryRestartAsync());
        _exited = true;
        await Task.WhenAll(outputs);
    }

    private async Task<bool> TryRestartAsync()
    {
        await _changes.WaitAsync();
        try
        {
            if (_stopping)
                return false;
            var ended = _process;
            _process = await _restart();
            ended.Dispose();
            return true;
        }
        finally
        {
            _changes.Release();
        }
    }

    private async Task CopyAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            await _logTurn.WaitAsync();
            try
            {
                await _log.WriteLineAsync(line);
            }
            finally
            {
                _logTurn.Release();
            }
        }
    }
}
