using System.Net;
using System.Net.Sockets;
using System.Text;
using K8sQueue.Core.Health;
using K8sQueue.Testing;

namespace K8sQueue.Core.Tests.Health;

public sealed class HealthProbeTests
{
    [Theory]
    [InlineData("http://0.0.0.0:8080", "http://127.0.0.1:8080/readyz")]
    [InlineData("http://*:8080", "http://127.0.0.1:8080/readyz")]
    [InlineData("http://+:8080/", "http://127.0.0.1:8080/readyz")]
    [InlineData("https://[::]:443", "https://127.0.0.1/readyz")]
    [InlineData("http://localhost:5000", "http://localhost:5000/readyz")]
    [InlineData("http://10.1.2.3:80", "http://10.1.2.3/readyz")]
    [InlineData("http://[::1]:8081", "http://[::1]:8081/readyz")]
    public void A_server_is_asked_where_it_listens_and_by_loopback_where_that_is_any_address(string listener, string address) =>
        HealthProbe.AddressOf(listener, "/readyz").Should().Be(new Uri(address));

    [Theory]
    [InlineData("8080")]
    [InlineData("http://unix:/run/api.sock")]
    public void What_is_no_TCP_port_is_refused(string listener)
    {
        var find = () => HealthProbe.AddressOf(listener, "/readyz");

        find.Should().Throw<FormatException>().WithMessage($"*{listener}*");
    }

    [Theory]
    [InlineData("200 OK", HealthProbe.Healthy)]
    [InlineData("503 Service Unavailable", HealthProbe.Unhealthy)]
    [InlineData("302 Found", HealthProbe.Unhealthy)]
    public async Task Only_2xx_is_healthy_and_the_answer_is_told(string status, int expected)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var served = ServeOneAsync(listener, $"HTTP/1.1 {status}\r\nConnection: close\r\nLocation: /elsewhere\r\n\r\nthe broker is down\n");
        using var said = new StringWriter();

        var code = await HealthProbe.RunAsync(new Uri($"http://{listener.LocalEndpoint}/readyz"), said, said);

        code.Should().Be(expected);
        said.ToString().Should().EndWith($"/readyz: {status[..3]} the broker is down{Environment.NewLine}");
        await served;
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_unhealthy()
    {
        using var error = new StringWriter();

        (await HealthProbe.RunAsync(new Uri($"http://127.0.0.1:{FreePort.Next()}/readyz"), TextWriter.Null, error)).Should().Be(HealthProbe.Unhealthy);

        error.ToString().Should().Contain("refused");
    }

    private static async Task ServeOneAsync(TcpListener listener, string answer)
    {
        using var client = await listener.AcceptTcpClientAsync();
        var stream = client.GetStream();
        var buffer = new byte[4096];
        (await stream.ReadAsync(buffer)).Should().BePositive();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
    }
}
