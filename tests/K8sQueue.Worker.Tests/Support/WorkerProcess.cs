using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using K8sQueue.Worker.Handlers.Exec;

namespace K8sQueue.Worker.Tests.Support;

/// <summary>The worker as a process of its own.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    /// <summary>How long to wait for what it does: it costs nothing where it is done sooner.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    private WorkerProcess(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, e) => Append(_output, e.Data);
        _process.ErrorDataReceived += (_, e) => Append(_error, e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Port { get; private init; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Output => Read(_output);

    public string Error => Read(_error);

    /// <summary>What the kernel calls its process.</summary>
    public static string Name { get; } = Path.GetFileName(Command[0]);

    private static string[] Command => WorkerExecutable.Command(Path.Combine(AppContext.BaseDirectory, "K8sQueue.Worker.dll"));

    public static WorkerProcess Start(params (string Name, string Value)[] settings) => Start([], settings);

    /// <summary>As the first process of a process namespace, as in a container.</summary>
    public static WorkerProcess StartAsPid1(params (string Name, string Value)[] settings) =>
        Start(["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"], settings);

    /// <summary>With a SIGTERM that was sent before it could be handled, as one that recycles itself starts.</summary>
    public static WorkerProcess StartTerminated(params (string Name, string Value)[] settings) => Start(
        ["python3", "-c", "import os, signal, sys; signal.pthread_sigmask(signal.SIG_BLOCK, [15]); os.kill(os.getpid(), 15); os.execvp(sys.argv[1], sys.argv[1:])"],
        settings);

    private static WorkerProcess Start(string[] through, (string Name, string Value)[] settings)
    {
        var port = FreePort.Next();
        string[] command = [.. through, .. Command];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["K8SQUEUE_MANAGEMENT_PORT"] = $"{port}";
        start.Environment["K8SQUEUE_MANAGEMENT_ADDRESS"] = "127.0.0.1";
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        return new WorkerProcess(start) { Port = port };
    }

    public void Signal(int signal) => Libc.kill(_process.Id, signal).Should().Be(0);

    public Task ReadyAsync() => Eventually.IsTrue(
        async () =>
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"The worker exited with {_process.ExitCode}: {Output}{Error}");
            return await StatusAsync("readyz") == 200;
        },
        Patience);

    /// <summary>The status of a path of the management port; 0 where nobody answers.</summary>
    public async Task<int> StatusAsync(string path)
    {
        using var client = new HttpClient();
        try
        {
            using var response = await client.GetAsync(new Uri($"http://127.0.0.1:{Port}/{path}"));
            return (int)response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }

    /// <summary>The status of what is posted to the management port.</summary>
    public async Task<int> PostAsync(string path, string token)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await client.PostAsync(new Uri($"http://127.0.0.1:{Port}/{path}"), null);
        return (int)response.StatusCode;
    }

    public async Task<int> ExitCodeAsync()
    {
        using var bound = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(bound.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The worker did not exit: {Output}{Error}");
        }

        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is null)
            return;
        lock (text)
            text.AppendLine(line);
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }
}
