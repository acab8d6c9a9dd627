using System.Net;
using System.Text.Json;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Diagnostics;

/// <summary><c>GET /v1/diagnostics</c> over a real Redis.</summary>
public sealed class DiagnosticsTests
{
    [Fact]
    public async Task A_Redis_that_may_evict_and_keeps_nothing_is_named_and_so_is_another_systems_queue()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var api = await KestrelApi.StartAsync(redis.Address);
        await EnqueueAsync(api, "emails");
        await RedisCliAsync(redis, "hset", "bull:emails:meta", "opts.maxLenEvents", "10000");
        await RedisCliAsync(redis, "config", "set", "maxmemory-policy", "allkeys-lru");

        var checks = await ChecksAsync(api);

        checks["eviction-policy"].GetProperty("status").GetString().Should().Be("error");
        checks["persistence-off"].GetProperty("status").GetString().Should().Be("error");
        checks["two-queue-systems"].GetProperty("detail").GetString().Should().Be("emails: there is bull:emails:meta, too");
        checks["two-queue-systems"].GetProperty("subjects").GetRawText().Should().Be("""["emails"]""");
        checks["clock-skew"].GetProperty("status").GetString().Should().Be("ok", "both are this machine's");
        checks["cache-unreachable"].GetProperty("status").GetString().Should().Be("skipped");
    }

    [Fact]
    public async Task The_cache_in_the_queues_Redis_is_named_whatever_its_database()
    {
        await using var redis = await RedisServer.StartAsync("--appendonly", "yes");
        await using var api = await KestrelApi.StartAsync(
            redis.Address, $"--K8SQUEUE_CACHE_REDIS_ADDRESS=localhost:{redis.Port}", "--K8SQUEUE_CACHE_REDIS_DATABASE=5");

        var checks = await ChecksAsync(api);

        checks["cache-shares-redis"].GetProperty("status").GetString().Should().Be("error");
        checks["persistence-off"].GetProperty("status").GetString().Should().Be("ok");
    }

    [Fact]
    public async Task A_Redis_that_is_killed_is_the_diagnosis_and_is_gone_once_it_is_back()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var api = await KestrelApi.StartAsync(redis.Address);
        (await ChecksAsync(api))["redis-unreachable"].GetProperty("status").GetString().Should().Be("ok");

        redis.Kill();
        await Eventually.Passes(async () =>
        {
            var checks = await ChecksAsync(api);
            checks["redis-unreachable"].GetProperty("detail").GetString().Should().Contain(redis.Address);
            checks["eviction-policy"].GetProperty("status").GetString().Should().Be("skipped");
        });

        await redis.StartAsync();
        await Eventually.Passes(
            async () => (await ChecksAsync(api))["redis-unreachable"].GetProperty("status").GetString().Should().Be("ok"), TimeSpan.FromSeconds(20));
    }

    private static async Task EnqueueAsync(KestrelApi api, string queue)
    {
        var response = await api.Client().PostAsync($"/v1/queues/{queue}/jobs", new StringContent("""{"type":"t"}""", null, "application/json"));
        response.StatusCode.Should().Be(HttpStatusCode.Accepted);
    }

    private static async Task<Dictionary<string, JsonElement>> ChecksAsync(KestrelApi api)
    {
        var document = await (await api.Client().GetAsync("/v1/diagnostics")).ShouldBeAsync(HttpStatusCode.OK);
        return document.GetProperty("checks").EnumerateArray().ToDictionary(check => check.GetProperty("id").GetString()!);
    }

    private static async Task RedisCliAsync(RedisServer redis, params string[] command)
    {
        using var client = new System.Net.Sockets.TcpClient("127.0.0.1", redis.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(string.Join(' ', command) + "\r\n"));
        var buffer = new byte[256];
        var read = await stream.ReadAsync(buffer);
        System.Text.Encoding.ASCII.GetString(buffer, 0, read).Should().NotStartWith("-");
    }
}
