using System.Diagnostics;
using System.Globalization;
using K8sQueue.Testing;

namespace K8sQueue.Benchmarks.Workers;

/// <summary>The worker as a process of its own, with its settings as they ship.</summary>
internal sealed class WorkerUnderTest : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ChildProgram _program;
    private readonly HttpClient _http;
    private readonly long _started;

    private WorkerUnderTest(ChildProgram program, long started, int port)
    {
        (_program, _started) = (program, started);
        _http = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")) };
    }

    public ProcessMemory Memory => _program.Memory;

    public static WorkerUnderTest Start(FileInfo program, string redis, string log)
    {
        var port = FreePort.Next();
        var environment = new Dictionary<string, string>
        {
            ["K8SQUEUE_QUEUES"] = "bench",
            ["K8SQUEUE_REDIS_ADDRESS"] = redis,
            ["K8SQUEUE_HANDLERS"] = """{"*": {"http": {"url": "http://localhost:8000/"}}}""",
            ["K8SQUEUE_MANAGEMENT_ADDRESS"] = "127.0.0.1",
            ["K8SQUEUE_MANAGEMENT_PORT"] = port.ToString(CultureInfo.InvariantCulture),
        };
        var started = Stopwatch.GetTimestamp();
        return new WorkerUnderTest(ChildProgram.Start(log, environment, program.FullName), started, port);
    }

    /// <summary>From the start of the process until <c>/readyz</c> is 200.</summary>
    public async Task<TimeSpan> ReadyAsync(CancellationToken cancellationToken)
    {
        while (!await IsReadyAsync(cancellationToken))
        {
            _program.ThrowIfEnded();
            if (Stopwatch.GetElapsedTime(_started) > Patience)
                throw new TimeoutException($"The worker was not ready within {Patience.TotalSeconds:0} s.");
            await Task.Delay(Interval, TimeProvider.System, cancellationToken);
        }

        return Stopwatch.GetElapsedTime(_started);
    }

    /// <summary>What the kubelet and Prometheus ask.</summary>
    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        foreach (var path in (string[])["/healthz", "/readyz", "/metrics"])
            await _http.GetStringAsync(new Uri(path, UriKind.Relative), cancellationToken);
    }

    /// <summary>SIGTERM; how long it took to end, and its exit code.</summary>
    public async Task<(TimeSpan Elapsed, int ExitCode)> StopAsync()
    {
        var asked = Stopwatch.GetTimestamp();
        await _program.StopAsync();
        return (Stopwatch.GetElapsedTime(asked), _program.ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        _http.Dispose();
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri("/readyz", UriKind.Relative), cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
