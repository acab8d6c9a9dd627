using K8sQueue.Kubernetes.Telemetry;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace K8sQueue.Operator.Hosting;

/// <summary>Sends spans to a collector, where the environment names one (OTEL_EXPORTER_OTLP_ENDPOINT, or the one for traces alone).</summary>
public static class OperatorTracing
{
    public const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    public const string TracesEndpointVariable = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";

    private const string ServiceName = "k8squeue-operator";

    /// <summary>Registers the provider; it lives, and is flushed, with the host. The rest of OTEL_* is the SDK's own to read.</summary>
    public static IServiceCollection AddOperatorTracing(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        if (string.IsNullOrEmpty(configuration[EndpointVariable]) && string.IsNullOrEmpty(configuration[TracesEndpointVariable]))
            return services;

        // OpenTelemetry.Extensions.Hosting would do this; the provider is made by hand in its place.
        services.AddSingleton(_ => Sdk.CreateTracerProviderBuilder()
            .ConfigureServices(inner => inner.AddSingleton(configuration))
            .ConfigureResource(static resource => resource.AddService(ServiceName, serviceInstanceId: Environment.MachineName).AddEnvironmentVariableDetector())
            .AddSource(KubernetesTracing.SourceName)
            .AddOtlpExporter()
            .Build());
        services.AddHostedService<Starter>();
        return services;
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
