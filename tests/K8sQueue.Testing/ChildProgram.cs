using System.Diagnostics;

namespace K8sQueue.Benchmarks.Operators;

/// <summary>A program that runs beside the benchmark and writes to a log file.</summary>
internal sealed class ChildProgram : IAsyncDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly string _logFile;

    private ChildProgram(Process process, string logFile)
    {
        _process = process;
        _logFile = logFile;
    }

    public ProcessMemory Memory => ProcessMemory.Of(_process.Id);

    /// <summary>Processor time so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            using var process = Process.GetProcessById(_process.Id);
            return process.TotalProcessorTime;
        }
    }

    public static ChildProgram Start(string logFile, IReadOnlyDictionary<string, string> environment, params string[] command)
    {
        // exec: the process is the program itself, so that its memory is what /proc tells.
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true };
        foreach (var argument in (string[])["-c", "exec \"$@\" > \"$0\" 2>&1", logFile, .. command])
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return new ChildProgram(process, logFile);
    }

    /// <exception cref="InvalidOperationException">It has ended; the message has the end of its log.</exception>
    public void ThrowIfEnded()
    {
        if (_process.HasExited)
            throw new InvalidOperationException($"{_logFile}: the process ended with {_process.ExitCode}:\n{string.Join('\n', File.ReadLines(_logFile).TakeLast(15))}");
    }

    /// <summary>SIGTERM, then SIGKILL.</summary>
    public async Task StopAsync()
    {
        if (_process.HasExited)
            return;
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
        using var limit = new CancellationTokenSource(Grace, TimeProvider.System);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
    }
}
