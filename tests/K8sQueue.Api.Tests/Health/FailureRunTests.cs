using System.Net;
using System.Text;
using System.Text.Json;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Health;

/// <summary>Everything that the API depends on is taken away in turn, and comes back: the table of docs/reference/api.md, over real servers.</summary>
public sealed class FailureRunTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task What_is_down_takes_down_what_is_documented_and_nothing_else_and_comes_back_by_itself()
    {
        await using var queue = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "always");
        await using var cache = await RedisServer.StartAsync("--maxmemory-policy", "allkeys-lru");
        await using var postgres = await PostgresServer.StartAsync();
        await using var api = await KestrelApi.StartAsync(
            queue.Address, $"--K8SQUEUE_CACHE_REDIS_ADDRESS={cache.Address}", $"--K8SQUEUE_POSTGRES_CONNECTION={postgres.ConnectionString}");
        using var client = api.Client();
        await ShouldBeAsync(client, HttpStatusCode.Accepted, HttpStatusCode.OK, failing: []);

        cache.Kill();
        await ShouldBeAsync(client, HttpStatusCode.Accepted, HttpStatusCode.OK, "cache", "rate-limits");
        await cache.StartAsync();
        await ShouldBeAsync(client, HttpStatusCode.Accepted, HttpStatusCode.OK, failing: []);

        await postgres.StopAsync();
        await ShouldBeAsync(client, HttpStatusCode.Accepted, HttpStatusCode.OK, "postgresql");
        await postgres.RestartAsync();
        await ShouldBeAsync(client, HttpStatusCode.Accepted, HttpStatusCode.OK, failing: []);

        var kept = await EnqueueAsync(client);
        var job = kept.Headers.Location!;
        await queue.StopAsync();
        await ShouldBeAsync(client, HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable, "queue");
        using (var refused = await EnqueueAsync(client))
        {
            refused.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(1));
            await refused.ShouldBeProblemAsync("broker-unavailable");
        }

        (await client.GetAsync("/healthz")).StatusCode.Should().Be(HttpStatusCode.OK, "the process is well");
        (await client.GetAsync("/login")).StatusCode.Should().Be(HttpStatusCode.OK);
        await queue.StartAsync();
        await ShouldBeAsync(client, HttpStatusCode.Accepted, HttpStatusCode.OK, failing: []);
        (await client.GetAsync(job)).StatusCode.Should().Be(HttpStatusCode.OK, "what was accepted is there");
    }

    private static Task ShouldBeAsync(HttpClient client, HttpStatusCode enqueue, HttpStatusCode ready, params string[] failing) => Eventually.Passes(
        async () =>
        {
            using var accepted = await EnqueueAsync(client);
            accepted.StatusCode.Should().Be(enqueue);
            using var readiness = await client.GetAsync("/readyz");
            readiness.StatusCode.Should().Be(ready);
            using var once = await client.GetAsync("/readyz?once=true");
            once.StatusCode.Should().Be(HttpStatusCode.OK, "it was ready before");
            using var health = await client.GetAsync("/health");
            var document = await health.ShouldBeAsync(failing.Length == 0 ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable);
            document.GetProperty("dependencies").EnumerateObject().Where(Fails).Select(entry => entry.Name).Should().BeEquivalentTo(failing);
        },
        Patience);

    private static Task<HttpResponseMessage> EnqueueAsync(HttpClient client) =>
        client.PostAsync("/v1/queues/emails/jobs", new StringContent("""{"type":"t"}""", Encoding.UTF8, "application/json"));

    private static bool Fails(JsonProperty entry) => entry.Value.GetProperty("status").GetString() == "failing";
}
