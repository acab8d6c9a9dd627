using K8sQueue.Operator.Discovery;
using K8sQueue.Operator.Entities;
using K8sQueue.Testing;

namespace K8sQueue.Operator.Tests.Discovery;

public sealed class RedisCapacityTests
{
    private const string Password = "a-redis-Secret";

    [Fact]
    public async Task The_server_gives_its_maxclients()
    {
        await using var server = await RedisServer.StartAsync("--maxclients", "321", "--requirepass", Password);

        var reading = await ReadAsync(server.Address, Password);

        reading.Capacity.Should().Be(321);
        reading.Live.Should().BeEmpty("the one who looks is left out");
    }

    [Fact]
    public async Task Where_CONFIG_is_denied_INFO_says_it_and_clients_that_are_hidden_are_told()
    {
        await using var server = await RedisServer.StartAsync(
            "--maxclients", "222", "--user", "default", "on", $">{Password}", "~*", "&*", "+@all", "-config", "-client|list");

        var reading = await ReadAsync(server.Address, Password);

        reading.Capacity.Should().Be(222);
        reading.Live.Should().BeNull();
        reading.Hidden.Should().Contain("+client|list");
    }

    [Fact]
    public async Task A_wrong_password_is_told_without_the_password()
    {
        await using var server = await RedisServer.StartAsync("--requirepass", Password);
        var read = () => ReadAsync(server.Address, "wrong-password");

        (await read.Should().ThrowAsync<CapacityReadException>()).Which.Should().Match<CapacityReadException>(
            failure => failure.Reason == "AccessDenied" && !failure.ToString().Contains("wrong-password", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_is_down_is_unreachable()
    {
        var read = () => ReadAsync($"127.0.0.1:{FreePort.Next()}", Password);

        (await read.Should().ThrowAsync<CapacityReadException>()).Which.Reason.Should().Be("ServerUnreachable");
    }

    private static Task<CapacityReading> ReadAsync(string address, string password) => DiscoverySamples.ReadAsync(
        DiscoverySamples.Budget(spec => spec.Redis = new RedisServerSpec { Address = address, PasswordSecretRef = new() { Name = "redis", Key = "password" } }),
        DiscoverySamples.Secret("redis", ("password", password)));
}
