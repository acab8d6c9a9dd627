using K8sQueue.Core.Telemetry;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Exporter;

namespace K8sQueue.Core.Tests.Telemetry;

public sealed class OtlpExportTests
{
    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "OTEL_EXPORTER_OTLP_ENDPOINT=http://c")]
    [InlineData(true, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://c")]
    [InlineData(false, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://c")]
    [InlineData(false, "OTEL_EXPORTER_OTLP_ENDPOINT=http://c OTEL_METRICS_EXPORTER=none")]
    [InlineData(false, "OTEL_EXPORTER_OTLP_ENDPOINT=http://c OTEL_METRICS_EXPORTER=prometheus")]
    [InlineData(true, "OTEL_EXPORTER_OTLP_ENDPOINT=http://c OTEL_METRICS_EXPORTER=prometheus,OTLP")]
    [InlineData(true, "OTEL_EXPORTER_OTLP_ENDPOINT=http://c OTEL_METRICS_EXPORTER=")]
    [InlineData(true, "OTEL_EXPORTER_OTLP_ENDPOINT=http://c OTEL_TRACES_EXPORTER=none")]
    public void Metrics_are_sent_where_the_environment_says_so(bool wanted, string environment) =>
        OtlpExport.IsWanted(Environment(environment), "METRICS").Should().Be(wanted);

    [Fact]
    public void An_endpoint_of_metrics_alone_is_the_whole_address()
    {
        var options = new OtlpExporterOptions();

        OtlpExport.Configure(options, Environment("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://c:4318/own/path"), "METRICS");

        options.Endpoint.Should().Be(new Uri("http://c:4318/own/path"));
    }

    [Fact]
    public void An_endpoint_that_is_no_address_is_refused_by_its_name()
    {
        var configure = () => OtlpExport.Configure(new OtlpExporterOptions(), Environment("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=collector"), "METRICS");

        configure.Should().Throw<FormatException>().WithMessage("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT must be an absolute URL*");
    }

    private static IConfigurationRoot Environment(string variables) => new ConfigurationBuilder()
        .AddInMemoryCollection(variables.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1])))
        .Build();
}
