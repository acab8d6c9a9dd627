using K8sQueue.Api.Commands;
using K8sQueue.Api.Hosting;
using Microsoft.Extensions.Configuration;

namespace K8sQueue.Api.Tests.Hosting;

public sealed class HealthCheckCommandTests
{
    [Theory]
    [InlineData(ApiHost.DefaultUrl)]
    [InlineData("http://0.0.0.0:9000", "urls=http://0.0.0.0:9000;http://0.0.0.0:9001")]
    [InlineData("http://0.0.0.0:9000", "urls=http://0.0.0.0:9000", "http_ports=8080")]
    [InlineData("http://*:8080", "http_ports=8080;8090")]
    [InlineData("https://*:8443", "https_ports=8443")]
    public void It_asks_where_the_API_listens_with_these_settings(string expected, params string[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => setting.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1])))
            .Build();

        HealthCheckCommand.Listener(configuration).Should().Be(expected);
    }
}
