using System.Diagnostics;
using System.Text;

namespace K8sQueue.Testing;

/// <summary>A server in a process of its own, with what it printed kept for the message of a failed start.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly string _name;
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private ServerProcess(string name, Process process)
    {
        _name = name;
        _process = process;
        process.OutputDataReceived += (_, e) => Append(e.Data);
        process.ErrorDataReceived += (_, e) => Append(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public static ServerProcess Start(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.RedirectStandardInput = true;
        var name = Path.GetFileName(start.FileName);
        try
        {
            return new ServerProcess(name, Process.Start(start)!);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException($"{name} is not installed; `make test` installs it.", e);
        }
    }

    /// <summary>Runs a command to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message has what it printed.</exception>
    public static async Task<string> RunAsync(ProcessStartInfo start, string? input = null)
    {
        using var process = Start(start);
        if (input is not null)
            await process._process.StandardInput.WriteAsync(input);
        process._process.StandardInput.Close();
        await process._process.WaitForExitAsync();
        return process._process.ExitCode == 0
            ? process.Output
            : throw new InvalidOperationException($"{process._name} ended with {process._process.ExitCode}: {process.Output}");
    }

    public int Id => _process.Id;

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Waits until the server answers.</summary>
    public Task ReadyAsync(Func<Task<bool>> answers, TimeSpan within) => Eventually.IsTrue(
        async () => _process.HasExited
            ? throw new InvalidOperationException($"{_name} ended with {_process.ExitCode}: {Output}")
            : await answers(),
        within);

    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Sends the signal and waits for the end, which SIGKILL brings where it takes longer than half a minute.</summary>
    public async Task EndAsync(string signal)
    {
        await SignalAsync(signal);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private void Append(string? line)
    {
        if (line is null) // the end of one of its two streams, while the other may go on
            return;
        lock (_output)
            _output.AppendLine(line);
    }
}
