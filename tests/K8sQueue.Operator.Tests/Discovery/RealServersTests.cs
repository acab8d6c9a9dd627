using K8sQueue.Testing;

namespace K8sQueue.Operator.Tests.Discovery;

public sealed class RealServersTests
{
    [Fact]
    public async Task PostgreSQL_starts_with_the_settings_given_and_again_on_the_same_data()
    {
        await using var server = await PostgresServer.StartAsync("max_connections=17");
        (await server.ExecuteAsync("CREATE TABLE kept (id int); SHOW max_connections")).Should().Be("17");

        await server.RestartAsync("max_connections=23");

        (await server.ExecuteAsync("SELECT count(*) FROM kept; SHOW max_connections")).Should().Be("0\n23");
    }

    [Fact]
    public async Task RabbitMQ_starts_and_is_managed()
    {
        await using var server = await RabbitMqServer.StartAsync();

        (await server.ManageAsync(HttpMethod.Get, "api/overview")).Should().Contain("rabbitmq_version");
    }
}
