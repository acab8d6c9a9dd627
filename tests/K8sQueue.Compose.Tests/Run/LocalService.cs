using System.Net;
using K8sQueue.Compose.Tests.Model;
using K8sQueue.Core.Health;
using K8sQueue.Testing;

namespace K8sQueue.Compose.Tests.Run;

/// <summary>A service as a process of this machine; one of its replicas.</summary>
internal sealed class LocalService(LocalMap map, ComposeFile file, ComposeService service, int replica, string logFolder) : IAsyncDisposable
{
    private static readonly TimeSpan Start = TimeSpan.FromMinutes(2);

    private ChildProgram? _program;

    public string Name => service.Name;

    /// <summary>Of its compose file, within the topology.</summary>
    public string Folder => file.Folder;

    public ComposeService Definition => service;

    public ChildProgram Program => _program ?? throw new InvalidOperationException($"{service.Name} does not run.");

    /// <summary>Where it is asked how it is; a worker's replicas have a port each.</summary>
    public int Port { get; } = replica == 1 && service.Exposed.Count > 0 ? map.PortOf(service.Name, service.Exposed[0]) : FreePort.Next();

    /// <summary>Starts it, and waits until its own health check passes.</summary>
    public async Task StartAsync()
    {
        map.Prepare(file, service);
        _program = ChildProgram.Start(Path.Combine(logFolder, $"{service.Name}-{replica}.log"), Environment, LocalCommand.Of(file, service, Rewrite));
        await HealthyAsync();
    }

    /// <summary>Waits until its health check passes.</summary>
    public Task HealthyAsync() => Eventually.Passes(
        async () =>
        {
            Program.ThrowIfEnded();
            (await CheckHealthAsync()).Should().Be(HealthProbe.Healthy, "{0} said last: {1}", service.Name, Program.LogEnd.Split('\n')[^1]);
        },
        Start);

    /// <summary>
    /// Its health check: what the engine would run in the container, to its own end. The engine's time-out, which HealthRule looks at, leaves a busy machine
    /// too little time to start it.
    /// </summary>
    public async Task<int> CheckHealthAsync()
    {
        await using var check = ChildProgram.Start(
            Path.Combine(logFolder, $"{service.Name}-{replica}-health.log"), Environment, LocalCommand.OfHealthCheck(file, service, Port, Rewrite));
        return await check.WaitForExitAsync(Start) ?? HealthProbe.Unhealthy;
    }

    /// <summary>Of a worker: whether it takes no more jobs, and says so.</summary>
    public async Task<bool> IsDrainingAsync()
    {
        using var http = new HttpClient();
        try
        {
            using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{Port}/readyz"));
            return answer.StatusCode == HttpStatusCode.ServiceUnavailable;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>As the engine stops a container: the signal, then the grace period; fails where that was not enough.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        await Program.SignalAsync((service.Text("stop_signal") ?? "SIGTERM")["SIG".Length..]);
        var code = await Program.WaitForExitAsync(service.StopGracePeriod!.Value)
            ?? throw new TimeoutException($"{service.Name} did not end within its grace period.");
        await DisposeAsync();
        return code;
    }

    public async ValueTask DisposeAsync()
    {
        if (_program is null)
            return;
        await _program.DisposeAsync();
        _program = null;
    }

    private Dictionary<string, string> Environment
    {
        get
        {
            var variables = service.Environment.ToDictionary(variable => variable.Key, variable => Rewrite(variable.Value));
            foreach (var (name, value) in LocalCommand.Listener(file, service, Port))
                variables[name] = value;

            // The networks of containers are loopback here.
            if (variables.TryGetValue("K8SQUEUE_TRUSTED_PROXIES", out var proxies))
                variables["K8SQUEUE_TRUSTED_PROXIES"] = $"{proxies},127.0.0.1";

            // What the container's host name is.
            variables["K8SQUEUE_POD_NAME"] = $"{service.Name}-{replica}";
            variables["HOME"] = map.PathOf(service, "/tmp");
            variables["XDG_DATA_HOME"] = map.PathOf(service, "/data");
            variables["XDG_CONFIG_HOME"] = map.PathOf(service, "/config");
            return variables;
        }
    }

    private string Rewrite(string text) => map.Rewrite(file, service, text);
}
