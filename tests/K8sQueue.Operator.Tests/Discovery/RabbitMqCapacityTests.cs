using System.Text.Json.Nodes;
using K8sQueue.Operator.Discovery;
using K8sQueue.Operator.Entities;
using K8sQueue.Testing;

namespace K8sQueue.Operator.Tests.Discovery;

public sealed class RabbitMqCapacityTests(RabbitMqCapacityTests.Server server) : IClassFixture<RabbitMqCapacityTests.Server>
{
    private const string Password = "a-rabbit-Secret";

    [Fact]
    public async Task The_sockets_of_a_node_count_where_nothing_less_is_set()
    {
        JsonNode? sockets = null;
        await Eventually.IsTrue(async () =>
            (sockets = JsonNode.Parse(await server.Rabbit.ManageAsync(HttpMethod.Get, "api/nodes"))![0]!["sockets_total"]) is not null);

        var reading = await ReadAsync("/", "monitor");

        reading.Capacity.Should().Be((int)sockets!);
        reading.Live.Should().BeEmpty();
    }

    [Fact]
    public async Task The_virtual_hosts_limit_counts_where_it_is_less() => (await ReadAsync("small/one", "monitor")).Should().Match<CapacityReading>(
        reading => reading.Capacity == 12 && reading.Detail == "max-connections 12 of the virtual host");

    [Fact]
    public async Task A_user_without_the_tag_reads_the_limit_but_sees_nobody()
    {
        var reading = await ReadAsync("small/one", "plain");

        reading.Capacity.Should().Be(12);
        reading.Live.Should().BeNull();
        reading.Hidden.Should().Contain("monitoring");
    }

    [Fact]
    public async Task A_virtual_host_that_is_not_there_has_no_capacity()
    {
        var failure = await FailureAsync("typo", "monitor", Password);

        failure.Reason.Should().Be("ReadFailed");
        failure.Message.Should().Contain("has no virtual host 'typo'");
    }

    [Fact]
    public async Task A_limit_that_is_hidden_is_not_taken_for_none()
    {
        var failure = await FailureAsync("hidden", "plain", Password);

        failure.Reason.Should().Be("AccessDenied");
        failure.Message.Should().Contain("permissions there");
    }

    [Fact]
    public async Task The_limit_of_the_one_who_reads_is_not_the_workers() => (await ReadAsync("small/one", "chief")).Capacity.Should().Be(12);

    [Fact]
    public async Task The_workers_users_limit_counts_where_it_is_named() =>
        (await ReadAsync("small/one", "chief", worker: "worker")).Should().Match<CapacityReading>(
            reading => reading.Capacity == 7 && reading.Detail == "max-connections 7 of the user worker");

    [Fact]
    public async Task A_wrong_password_is_told_without_the_password()
    {
        var failure = await FailureAsync("/", "monitor", "wrong-password");

        failure.Reason.Should().Be("AccessDenied");
        failure.ToString().Should().NotContain("wrong-password");
    }

    [Fact]
    public async Task Where_no_limit_can_be_seen_what_to_set_is_told() =>
        (await FailureAsync("/", "plain", Password)).Message.Should().Contain("set_vhost_limits");

    private Task<CapacityReading> ReadAsync(string vhost, string user, string password = Password, string? worker = null) => DiscoverySamples.ReadAsync(
        DiscoverySamples.Budget(spec => spec.Rabbitmq = new RabbitMqServerSpec
        {
            ManagementUrl = server.Rabbit.ManagementUrl.ToString(),
            Vhost = vhost,
            User = worker,
            UsernameSecretRef = new() { Name = "rabbit", Key = "user" },
            PasswordSecretRef = new() { Name = "rabbit", Key = "password" },
        }),
        DiscoverySamples.Secret("rabbit", ("user", user), ("password", password)));

    private async Task<CapacityReadException> FailureAsync(string vhost, string user, string password)
    {
        var read = () => ReadAsync(vhost, user, password);
        return (await read.Should().ThrowAsync<CapacityReadException>()).Which;
    }

    public sealed class Server : IAsyncLifetime
    {
        internal RabbitMqServer Rabbit { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Rabbit = await RabbitMqServer.StartAsync();
            foreach (var (user, tags) in new[] { ("monitor", "monitoring"), ("plain", "management"), ("chief", "administrator"), ("worker", "") })
            {
                await Rabbit.ManageAsync(HttpMethod.Put, $"api/users/{user}", new { password = Password, tags });
                await Rabbit.ManageAsync(HttpMethod.Put, $"api/permissions/%2F/{user}", new { configure = ".*", write = ".*", read = ".*" });
            }

            await Rabbit.ManageAsync(HttpMethod.Put, "api/vhosts/small%2Fone", new { });
            foreach (var user in new[] { "monitor", "plain", "chief" })
                await Rabbit.ManageAsync(HttpMethod.Put, $"api/permissions/small%2Fone/{user}", new { configure = ".*", write = ".*", read = ".*" });
            await Rabbit.ManageAsync(HttpMethod.Put, "api/vhosts/hidden", new { });
            await Rabbit.ManageAsync(HttpMethod.Put, "api/user-limits/chief/max-connections", new { value = 3 });
            await Rabbit.ManageAsync(HttpMethod.Put, "api/user-limits/worker/max-connections", new { value = 7 });
            await Rabbit.ManageAsync(HttpMethod.Put, "api/vhost-limits/small%2Fone/max-connections", new { value = 12 });
        }

        public async Task DisposeAsync() => await Rabbit.DisposeAsync();
    }
}
