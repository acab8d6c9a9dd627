using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace K8sQueue.Core.Telemetry;

/// <summary>Sends spans to a collector, where the environment names one (OTEL_EXPORTER_OTLP_ENDPOINT, or the one for traces alone).</summary>
public static class OtlpTracing
{
    private const string Signal = "TRACES";

    /// <summary>Registers the provider; it lives, and is flushed, with the host. The rest of OTEL_* is the SDK's own to read.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The environment.</param>
    /// <param name="serviceName">The service's name, unless OTEL_SERVICE_NAME gives one.</param>
    /// <param name="source">The name of the ActivitySource whose spans are sent.</param>
    public static IServiceCollection AddOtlpTracing(
        this IServiceCollection services, IConfiguration configuration, string serviceName, string source)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return OtlpExport.IsWanted(configuration, Signal) ? services.AddProvider(configuration, serviceName, source) : services;
    }

    // OpenTelemetry.Extensions.Hosting would do this; the provider is made by hand in its place. Apart from the check, so that a process
    // without a collector loads nothing of it.
    private static IServiceCollection AddProvider(
        this IServiceCollection services, IConfiguration configuration, string serviceName, string source)
    {
        services.AddSingleton(_ => Sdk.CreateTracerProviderBuilder()
            .ConfigureServices(inner => OtlpExport.AddEnvironment(inner, configuration, Signal))
            .ConfigureResource(resource => OtlpExport.Describe(resource, serviceName))
            .AddSource(source)
            .AddOtlpExporter(options => OtlpExport.Configure(options, configuration, Signal))
            .Build());
        return services.AddHostedService<Starter>();
    }

    // Makes the provider at the start, before anything worth a span.
    private sealed class Starter(TracerProvider provider) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            provider.ForceFlush(timeoutMilliseconds: 2000);
            return Task.CompletedTask;
        }
    }
}
