using System.Net;
using System.Text.Json;
using K8sQueue.Api.Authentication;
using K8sQueue.Core.InMemory;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Api.Tests.Authentication;

public sealed class KeyUsesTests
{
    [Fact]
    public async Task Keys_are_listed_with_what_they_may_and_when_they_were_used_and_nothing_of_their_text()
    {
        await using var api = new TestApi();
        var shop = api.AddKey("shop", "verbs=enqueue;queues=orders-*");
        api.AddKey("idle", "verbs=read");
        await api.Client(shop).PostAsync("/v1/queues/orders-eu/pause", null);

        var keys = await KeysAsync(api.Client());

        keys.Select(key => key.GetProperty("name").GetString()).Should().Equal("idle", "shop", "tests");
        keys[0].TryGetProperty("lastUsedAt", out _).Should().BeFalse();
        keys[1].GetProperty("lastUsedAt").GetDateTimeOffset().Should().BeCloseTo(TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(1));
        keys[1].GetProperty("scopes").GetString().Should().Be("verbs=enqueue;queues=orders-*");
        keys[2].EnumerateObject().Select(member => member.Name).Should().Equal("name", "lastUsedAt");
        (await api.Client(shop).GetAsync("/v1/keys")).StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Another_replica_hears_of_a_use_within_a_minute_and_a_broker_that_is_away_stops_nothing()
    {
        var time = new ManualTimeProvider();
        await using var api = new TestApi();
        await using var timed = api.WithWebHostBuilder(b => b.ConfigureTestServices(s => s.AddSingleton<TimeProvider>(time)));
        using var client = timed.CreateClient();
        client.DefaultRequestHeaders.Add("X-Api-Key", api.Secret);
        api.Queue.AuditFault = () => new JobQueueUnavailableException("down");
        await client.GetAsync("/v1/queues");
        time.Advance(KeyUses.Interval);
        api.Queue.AuditFault = null;

        await Eventually.IsTrue(async () =>
        {
            await client.GetAsync("/v1/queues");
            time.Advance(KeyUses.Interval);
            return (await api.Queue.Audit.ReadUsesAsync(CancellationToken.None)).ContainsKey("tests");
        });
    }

    [Fact]
    public async Task A_use_is_noted_once_a_minute_and_told_to_nobody_meanwhile()
    {
        await using var jobs = new InMemoryJobQueue();
        var time = new ManualTimeProvider();
        using var uses = new KeyUses(jobs, time, Microsoft.Extensions.Logging.Abstractions.NullLogger<KeyUses>.Instance);
        uses.Note("shop");
        var first = time.GetUtcNow();
        time.Advance(TimeSpan.FromSeconds(30));
        uses.Note("shop");

        (await uses.ReadAsync(CancellationToken.None)).Should().Equal(new Dictionary<string, DateTimeOffset> { ["shop"] = first });
        (await jobs.Audit.ReadUsesAsync(CancellationToken.None)).Should().BeEmpty();
    }

    private static async Task<JsonElement[]> KeysAsync(HttpClient client) =>
        [.. (await (await client.GetAsync("/v1/keys")).ShouldBeAsync(HttpStatusCode.OK)).GetProperty("keys").EnumerateArray()];
}
