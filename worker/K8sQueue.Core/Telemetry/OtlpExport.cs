using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;

namespace K8sQueue.Core.Telemetry;

/// <summary>
/// What spans and metrics have in common on their way to a collector: the standard variables
/// (https://opentelemetry.io/docs/specs/otel/protocol/exporter/). The SDK reads those of all signals itself, but where exporters are added one by
/// one, as here, none of those that are for one signal.
/// </summary>
public static class OtlpExport
{
    /// <summary>The variable that names the collector for all signals.</summary>
    public const string EndpointVariable = Prefix + Endpoint;

    private const string Prefix = "OTEL_EXPORTER_OTLP_";
    private const string Endpoint = "ENDPOINT";
    private static readonly string[] Settings = ["PROTOCOL", "HEADERS", "TIMEOUT", "COMPRESSION"];

    /// <summary>
    /// Whether the environment wants a signal to be sent: an endpoint is named, for all signals or for this one, and
    /// <c>OTEL_&lt;signal&gt;_EXPORTER</c>, where it is set, has <c>otlp</c> among its values.
    /// </summary>
    internal static bool IsWanted(IConfiguration configuration, string signal) =>
        (Has(configuration, EndpointVariable) || Has(configuration, OfSignal(signal, Endpoint)))
        && (!Has(configuration, $"OTEL_{signal}_EXPORTER")
            || configuration[$"OTEL_{signal}_EXPORTER"]!.Split(',', StringSplitOptions.TrimEntries).Contains("otlp", StringComparer.OrdinalIgnoreCase));

    /// <summary>Gives the SDK the environment, in which what is set for this signal alone stands for all.</summary>
    internal static void AddEnvironment(IServiceCollection services, IConfiguration configuration, string signal)
    {
        var own = Settings.Where(name => Has(configuration, OfSignal(signal, name)))
            .ToDictionary(name => Prefix + name, name => configuration[OfSignal(signal, name)], StringComparer.Ordinal);
        services.AddSingleton<IConfiguration>(
            new ConfigurationBuilder().AddConfiguration(configuration).AddInMemoryCollection(own).Build());
    }

    /// <summary>Says who sends. OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES go first.</summary>
    internal static void Describe(ResourceBuilder resource, string serviceName) =>
        resource.AddService(serviceName, serviceInstanceId: Environment.MachineName).AddEnvironmentVariableDetector();

    /// <summary>The endpoint of one signal is the whole URL: nothing is appended to it.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    internal static void Configure(OtlpExporterOptions options, IConfiguration configuration, string signal)
    {
        var variable = OfSignal(signal, Endpoint);
        if (!Has(configuration, variable))
            return;
        options.Endpoint = Uri.TryCreate(configuration[variable], UriKind.Absolute, out var url)
            ? url
            : throw new FormatException($"{variable} must be an absolute URL, for example http://collector:4318/v1/{signal.ToLowerInvariant()}.");
    }

    private static string OfSignal(string signal, string name) => $"{Prefix}{signal}_{name}";

    private static bool Has(IConfiguration configuration, string variable) => !string.IsNullOrEmpty(configuration[variable]);
}
