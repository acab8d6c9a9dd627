using K8sQueue.Operator.Discovery;
using K8sQueue.Testing;
using Npgsql;

namespace K8sQueue.Operator.Tests.Discovery;

public sealed class PostgresCapacityTests(PostgresCapacityTests.Server server) : IClassFixture<PostgresCapacityTests.Server>
{
    private const string Secret = "a-Worker's /Secret?";

    [Fact]
    public async Task The_server_gives_its_connections_less_those_it_reserves()
    {
        var reading = await ReadAsync(Url("worker"));

        reading.Capacity.Should().Be(47);
        reading.Detail.Should().Be("max_connections 50, less 3 reserved by the server");
    }

    [Fact]
    public async Task A_role_of_less_gives_its_own_limit() => (await ReadAsync(Url("few"))).Should().Match<CapacityReading>(
        reading => reading.Capacity == 9 && reading.Detail == "the role's own limit of 9");

    [Fact]
    public async Task A_database_of_less_gives_its_own_limit() => (await ReadAsync(Url("worker", "small"))).Capacity.Should().Be(5);

    [Fact]
    public async Task Key_value_pairs_are_understood_too()
    {
        var pairs = $"host=127.0.0.1 port={server.Postgres.Port} user=postgres password={PostgresServer.Password} dbname=postgres";

        (await ReadAsync(pairs)).Capacity.Should().Be(47);
        (await ReadAsync(server.Postgres.ConnectionString)).Capacity.Should().Be(47);
    }

    [Fact]
    public async Task Those_who_are_connected_are_seen_by_name_and_host_but_for_the_one_who_looks()
    {
        await using var one = await OpenAsync("emails-abc-1");
        await using var two = await OpenAsync("emails-abc-1");

        // The look before may have left a back-end that is just closing.
        await Eventually.Passes(async () => (await ReadAsync(Url("worker"))).Live.Should().Contain(new LiveConnections("emails-abc-1", "127.0.0.1", 2))
            .And.NotContain(item => item.Name == CapacityReader.ClientName));
    }

    [Fact]
    public async Task A_role_that_does_not_see_others_is_told_what_it_needs()
    {
        var reading = await ReadAsync(Url("blind"));

        reading.Capacity.Should().Be(47);
        reading.Live.Should().BeNull();
        reading.Hidden.Should().Contain("GRANT pg_monitor");
    }

    [Fact]
    public async Task A_wrong_password_is_told_without_the_password()
    {
        var failure = await FailureAsync($"postgresql://worker:wrong-pass%21word@127.0.0.1:{server.Postgres.Port}/postgres");

        failure.Reason.Should().Be("AccessDenied");
        failure.Message.Should().Contain("refused the role or its password").And.NotContain("wrong-pass");
    }

    [Theory]
    [InlineData("not a connection string but s3cret-text")]
    [InlineData("Host=x;Secret Option=s3cret-text")]
    [InlineData("postgresql://u:s3cret-text@/db")]
    [InlineData("Host=127.0.0.1;Port=s3cret-text")]
    [InlineData("Host=/var/run/postgresql;Password=s3cret-text")]
    public async Task What_is_no_connection_string_is_never_repeated(string text)
    {
        var failure = await FailureAsync(text.Replace("Host=x;", "Host=127.0.0.1;Port=1;", StringComparison.Ordinal));

        failure.ToString().Should().NotContain("s3cret-text");
    }

    [Fact]
    public async Task A_missing_key_is_named() => (await FailureAsync(null)).Message.Should().Be("The Secret 'db' has no key 'url': add it.");

    [Fact]
    public async Task A_server_that_is_down_is_unreachable()
    {
        var failure = await FailureAsync($"postgresql://worker:pass@127.0.0.1:{FreePort.Next()}/postgres");

        failure.Reason.Should().Be("ServerUnreachable");
    }

    private string Url(string user, string database = "postgres") =>
        $"postgresql://{user}:{Uri.EscapeDataString(Secret)}@127.0.0.1:{server.Postgres.Port}/{database}?sslmode=prefer&pool_max_conns=4";

    private async Task<NpgsqlConnection> OpenAsync(string name)
    {
        var connection = new NpgsqlConnection(server.Postgres.ConnectionString + $";Application Name={name};Timeout=60");
        await connection.OpenAsync();
        return connection;
    }

    private static Task<CapacityReading> ReadAsync(string text) =>
        DiscoverySamples.ReadAsync(DiscoverySamples.PostgresBudget(), DiscoverySamples.Secret("db", ("url", text)));

    private static async Task<CapacityReadException> FailureAsync(string? text)
    {
        var secret = text is null ? DiscoverySamples.Secret("db", ("other", "x")) : DiscoverySamples.Secret("db", ("url", text));
        var read = () => DiscoverySamples.ReadAsync(DiscoverySamples.PostgresBudget(), secret);
        return (await read.Should().ThrowAsync<CapacityReadException>()).Which;
    }

    public sealed class Server : IAsyncLifetime
    {
        internal PostgresServer Postgres { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Postgres = await PostgresServer.StartAsync("max_connections=50", "superuser_reserved_connections=3");
            var password = Secret.Replace("'", "''", StringComparison.Ordinal);
            await Postgres.ExecuteAsync($"""
                CREATE ROLE worker LOGIN PASSWORD '{password}'; GRANT pg_monitor TO worker;
                CREATE ROLE few LOGIN PASSWORD '{password}' CONNECTION LIMIT 9;
                CREATE ROLE blind LOGIN PASSWORD '{password}';
                CREATE DATABASE small CONNECTION LIMIT 5;
                """);
        }

        public async Task DisposeAsync() => await Postgres.DisposeAsync();
    }
}
