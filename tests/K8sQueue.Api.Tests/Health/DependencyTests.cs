using System.Net;
using System.Text.Json;
using K8sQueue.Api.Health;
using K8sQueue.Api.Hosting;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Health;

/// <summary><c>/health</c>, over real servers that are taken away and come back.</summary>
public sealed class DependencyTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Without_further_settings_the_queue_alone_is_looked_at()
    {
        await using var api = new TestApi();
        (await HealthAsync(api, HttpStatusCode.OK)).GetRawText().Should().Be("""{"status":"ok","dependencies":{"queue":{"status":"ok"}}}""");
    }

    [Fact]
    public async Task A_queue_that_is_down_or_may_evict_is_failing_with_its_reason_until_it_is_mended()
    {
        await using var api = new TestApi();
        api.Queue.Fault = () => new JobQueueUnavailableException("Redis at redis:6379 does not answer.");
        await ShouldFailAsync(api, "queue", "Redis at redis:6379 does not answer.");
        api.Queue.Fault = () => new JobQueueConfigurationException("Redis at redis:6379 has maxmemory-policy allkeys-lru and could evict jobs.");
        await ShouldFailAsync(api, "queue", "*could evict jobs*");
        api.Queue.Fault = null;
        await ShouldBeWellAsync(api);
    }

    [Fact]
    public async Task A_cache_that_is_killed_is_failing_until_it_is_back()
    {
        await using var cache = await RedisServer.StartAsync("--maxmemory-policy", "allkeys-lru", "--requirepass", "hunter2");
        await using var api = new TestApi(("K8SQUEUE_CACHE_REDIS_ADDRESS", cache.Address), ("K8SQUEUE_CACHE_REDIS_PASSWORD", "hunter2"));
        (await ShouldBeWellAsync(api)).GetProperty("dependencies").GetProperty("cache").GetProperty("status").GetString().Should().Be("ok");

        cache.Kill();
        await ShouldFailAsync(api, "cache", $"Redis at {cache.Address} can't be reached*");

        await cache.StartAsync();
        await ShouldBeWellAsync(api);

        await cache.FreezeAsync();
        await ShouldFailAsync(api, "cache", $"Redis at {cache.Address} *");
        await cache.ThawAsync();
        await ShouldBeWellAsync(api);
    }

    [Fact]
    public async Task A_cache_that_refuses_the_password_is_failing_and_the_password_is_not_told()
    {
        await using var cache = await RedisServer.StartAsync("--requirepass", "another");
        await using var api = new TestApi(("K8SQUEUE_CACHE_REDIS_ADDRESS", cache.Address), ("K8SQUEUE_CACHE_REDIS_PASSWORD", "hunter2"));
        (await ShouldFailAsync(api, "cache", "*refused*")).GetRawText().Should().NotContain("hunter2");
    }

    [Fact]
    public async Task A_database_that_is_stopped_or_hangs_is_failing_until_it_is_back()
    {
        await using var postgres = await PostgresServer.StartAsync();
        await using var api = new TestApi(("K8SQUEUE_POSTGRES_CONNECTION", postgres.ConnectionString));
        await ShouldBeWellAsync(api);

        await postgres.StopAsync();
        (await ShouldFailAsync(api, "postgresql", "PostgreSQL can't be reached*")).GetRawText().Should().NotContain(PostgresServer.Password);
        await postgres.RestartAsync();
        await ShouldBeWellAsync(api);

        await postgres.FreezeAsync();
        await ShouldFailAsync(api, "postgresql", "PostgreSQL *");
        await postgres.ThawAsync();
        await ShouldBeWellAsync(api);
    }

    [Fact]
    public async Task A_schema_that_is_not_current_is_failing_until_the_migrations_are_applied()
    {
        await using var postgres = await PostgresServer.StartAsync();
        await using var api = new TestApi(
            ("K8SQUEUE_POSTGRES_CONNECTION", postgres.ConnectionString),
            ("K8SQUEUE_POSTGRES_SCHEMA_CHECK", "SELECT EXISTS (SELECT FROM migrations WHERE id = '2')"));
        await ShouldFailAsync(api, "postgresql", "The schema is not current: apply the migrations. (relation \"migrations\" does not exist)");
        await postgres.ExecuteAsync("CREATE TABLE migrations (id text); INSERT INTO migrations VALUES ('1');");
        await ShouldFailAsync(api, "postgresql", "The schema is not current: apply the migrations.");
        await postgres.ExecuteAsync("INSERT INTO migrations VALUES ('2');");
        await ShouldBeWellAsync(api);
    }

    [Fact]
    public async Task A_query_that_writes_is_refused_and_a_connection_string_of_a_file_is_read_again()
    {
        var file = Path.GetTempFileName();
        await using var postgres = await PostgresServer.StartAsync();
        await File.WriteAllTextAsync(file, postgres.ConnectionStringOf("postgres", "hunter2"));
        await using var api = new TestApi(
            ("K8SQUEUE_POSTGRES_CONNECTION_FILE", file), ("K8SQUEUE_POSTGRES_SCHEMA_CHECK", "CREATE TABLE evil (id int)"));
        (await ShouldFailAsync(api, "postgresql", "PostgreSQL refused: password authentication failed*")).GetRawText().Should().NotContain("hunter2");

        await File.WriteAllTextAsync(file, postgres.ConnectionString + "\n");
        await ShouldFailAsync(api, "postgresql", "*read-only transaction*");
        File.Delete(file);
        await ShouldFailAsync(api, "postgresql", $"*{file}*");
    }

    [Fact]
    public async Task A_storm_of_probes_is_one_look_a_second()
    {
        await using var cache = await RedisServer.StartAsync();
        var time = new ManualTimeProvider();
        await using var api = new TestApi(("K8SQUEUE_CACHE_REDIS_ADDRESS", cache.Address)) { Time = time };
        using var client = api.CreateClient();
        await LookAsync();
        var before = await ConnectionsAsync();
        for (var i = 0; i < 300; i++)
            (await client.GetAsync("/health")).StatusCode.Should().Be(HttpStatusCode.OK);
        await LookAsync();

        (await ConnectionsAsync() - before).Should().BeInRange(2, 50, "one connection a look, and those of the test");

        // One that is late, by a stall, is made again.
        Task LookAsync() => Eventually.IsTrue(
            async () =>
            {
                time.Advance(Dependencies.Freshness + TimeSpan.FromTicks(1));
                return (await client.GetAsync("/health")).StatusCode == HttpStatusCode.OK;
            },
            Patience);

        async Task<long> ConnectionsAsync() =>
            (await Core.Redis.RedisInfoReader.ReadAsync(new Core.Redis.RedisQueueOptions { Address = cache.Address })).ConnectionsReceived;
    }

    [Theory]
    [InlineData("K8SQUEUE_CACHE_REDIS_ADDRESS", "redis:port", "K8SQUEUE_CACHE_REDIS_ADDRESS")]
    [InlineData("K8SQUEUE_POSTGRES_CONNECTION", "postgres://me:hunter2@db/app", "K8SQUEUE_POSTGRES_CONNECTION is not a connection string")]
    [InlineData("K8SQUEUE_POSTGRES_SCHEMA_CHECK", "SELECT true", "neither is set")]
    public void A_setting_that_can_not_be_read_keeps_the_API_from_starting_without_telling_it(string name, string value, string message)
    {
        var build = () => ApiHost.Build(["--K8SQUEUE_REDIS_ADDRESS=127.0.0.1:1", "--K8SQUEUE_API_ANONYMOUS=true", $"--{name}={value}"]);
        build.Should().Throw<ApiConfigurationException>().Which.Message.Should().Contain(message).And.NotContain("hunter2");
    }

    private static async Task<JsonElement> HealthAsync(TestApi api, HttpStatusCode status) =>
        await (await api.Client().GetAsync("/health")).ShouldBeAsync(status);

    private static async Task<JsonElement> ShouldFailAsync(TestApi api, string dependency, string reason)
    {
        var answer = default(JsonElement);
        await Eventually.Passes(
            async () =>
            {
                answer = await HealthAsync(api, HttpStatusCode.ServiceUnavailable);
                answer.GetProperty("status").GetString().Should().Be("failing");
                var failing = answer.GetProperty("dependencies").GetProperty(dependency);
                failing.GetProperty("status").GetString().Should().Be("failing");
                failing.GetProperty("reason").GetString().Should().Match(reason);
            },
            Patience);
        return answer;
    }

    private static async Task<JsonElement> ShouldBeWellAsync(TestApi api)
    {
        var answer = default(JsonElement);
        await Eventually.Passes(async () => answer = await HealthAsync(api, HttpStatusCode.OK), Patience);
        return answer;
    }
}
