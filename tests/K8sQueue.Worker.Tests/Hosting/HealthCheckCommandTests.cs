using K8sQueue.Core.Health;
using K8sQueue.Worker.Hosting;
using Microsoft.Extensions.Configuration;

namespace K8sQueue.Worker.Tests.Hosting;

public sealed class HealthCheckCommandTests
{
    [Theory]
    [InlineData("http://127.0.0.1:{0}/readyz: *refused*")]
    [InlineData("http://127.0.0.1:{0}/readyz: *refused*", "K8SQUEUE_MANAGEMENT_ADDRESS=127.0.0.1")]
    [InlineData("http://[::1]:{0}/readyz: *", "K8SQUEUE_MANAGEMENT_ADDRESS=::1")]
    [InlineData("k8squeue-worker: healthcheck: K8SQUEUE_MANAGEMENT_PORT must be a port*", "K8SQUEUE_MANAGEMENT_PORT=0")]
    [InlineData("k8squeue-worker: healthcheck: K8SQUEUE_MANAGEMENT_PORT must be a whole number*", "K8SQUEUE_MANAGEMENT_PORT=high")]
    public async Task A_worker_that_cannot_be_asked_is_unhealthy_and_it_says_why(string message, params string[] settings)
    {
        var port = FreePort.Next();
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("K8SQUEUE_MANAGEMENT_PORT", $"{port}")])
            .AddInMemoryCollection(settings.Select(setting => setting.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1])))
            .Build();
        using var error = new StringWriter();

        (await HealthCheckCommand.RunAsync(configuration, TextWriter.Null, error)).Should().Be(HealthProbe.Unhealthy);

        error.ToString().Should().Match(string.Format(System.Globalization.CultureInfo.InvariantCulture, message, port) + Environment.NewLine);
    }
}
