using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace K8sQueue.Core.Telemetry;

/// <summary>
/// Sends metrics to a collector, where the environment names one (OTEL_EXPORTER_OTLP_ENDPOINT, or the one for metrics alone), beside what
/// <c>/metrics</c> shows: the same instruments, and the runtime's own in place of <c>process_*</c>.
/// </summary>
public static class OtlpMetrics
{
    private const string Signal = "METRICS";
    private const int StopMilliseconds = 2000;

    /// <summary>
    /// Registers the provider; it lives, and sends a last time, with the host. OTEL_METRIC_EXPORT_INTERVAL (60 s) and the rest of OTEL_* are the
    /// SDK's own to read.
    /// </summary>
    /// <param name="services">The host's services. What is registered later is stopped, and counted, before the last time.</param>
    /// <param name="configuration">The environment.</param>
    /// <param name="serviceName">The service's name, unless OTEL_SERVICE_NAME gives one.</param>
    public static IServiceCollection AddOtlpMetrics(this IServiceCollection services, IConfiguration configuration, string serviceName)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return OtlpExport.IsWanted(configuration, Signal) ? services.AddProvider(configuration, serviceName) : services;
    }

    // Apart from the check, so that a process without a collector loads nothing of it.
    private static IServiceCollection AddProvider(this IServiceCollection services, IConfiguration configuration, string serviceName)
    {
        services.AddSingleton(_ => Sdk.CreateMeterProviderBuilder()
            .ConfigureServices(inner => OtlpExport.AddEnvironment(inner, configuration, Signal))
            .ConfigureResource(resource => OtlpExport.Describe(resource, serviceName))
            .AddMeter("K8sQueue*", "System.Runtime")
            .AddOtlpExporter(options => OtlpExport.Configure(options, configuration, Signal))
            .Build());
        return services.AddHostedService<Starter>();
    }

    // Makes the provider at the start, before anything worth counting.
    private sealed class Starter(MeterProvider provider) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        // Disposal would wait for 5 s for a collector that does not answer.
        public Task StopAsync(CancellationToken cancellationToken)
        {
            provider.Shutdown(StopMilliseconds);
            return Task.CompletedTask;
        }
    }
}
