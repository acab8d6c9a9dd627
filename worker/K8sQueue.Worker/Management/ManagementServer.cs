using System.Net;
using System.Net.Sockets;
using K8sQueue.Core.Telemetry;
using K8sQueue.Worker.Execution;
using K8sQueue.Worker.Hosting;
using K8sQueue.Worker.Telemetry;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace K8sQueue.Worker.Management;

/// <summary>
/// A Kestrel of the worker's own, apart from whatever else the host serves. It starts before the worker and stops after it, so
/// that a drain can be watched.
/// </summary>
internal sealed partial class ManagementServer(
    IOptions<WorkerOptions> options,
    FetchGate gate,
    RateGate rate,
    RunningJobs running,
    WorkerHealth health,
    PrometheusTextCollector metrics,
    TimeProvider time,
    ILoggerFactory loggers,
    ILogger<ManagementServer> logger) : IHostedService, IAsyncDisposable
{
    private WebApplication? _app;

    /// <summary>The port it listens on; null where it does not.</summary>
    public int? Port { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.ManagementPort is not { } port)
            return;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 1024;

            // Any address is IPv4's alone where the node has no IPv6.
            if (options.Value.ManagementAddress.Equals(IPAddress.IPv6Any))
                kestrel.ListenAnyIP(port);
            else
                kestrel.Listen(options.Value.ManagementAddress, port);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(metrics);
        builder.Services.Replace(ServiceDescriptor.Singleton(loggers));
        _app = builder.Build();
        _app.MapPrometheusMetrics();
        new ManagementEndpoints(options.Value, gate, rate, running, health, time).Map(_app);
        try
        {
            await _app.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new WorkerConfigurationException(
                $"{WorkerEnvironment.ManagementPort}: the worker can't listen on {options.Value.ManagementAddress} port {port}: {e.Message}", e);
        }

        Port = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        Log.Listening(logger, options.Value.ManagementAddress.ToString(), Port.Value);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _app?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(60, LogLevel.Information, "Management listens on {Address} port {Port}")]
        public static partial void Listening(ILogger logger, string address, int port);
    }
}
