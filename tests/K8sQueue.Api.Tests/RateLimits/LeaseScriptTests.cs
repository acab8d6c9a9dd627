using System.Diagnostics;
using K8sQueue.Api.RateLimits;
using K8sQueue.Core.Redis;
using K8sQueue.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace K8sQueue.Api.Tests.RateLimits;

/// <summary>lease.lua in a real Redis, by the server's own clock.</summary>
public sealed class LeaseScriptTests
{
    [Fact]
    public async Task Whatever_is_leased_and_given_back_no_more_comes_out_than_rate_by_time_and_burst()
    {
        await using var redis = await RedisServer.StartAsync();
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var run = 0; run < 20; run++)
        {
            var limit = new RateLimit(random.Next(1, 2000), random.Next(1, 300));
            await using var one = Store(redis);
            await using var other = Store(redis);
            var watch = Stopwatch.StartNew();
            var (granted, held) = (0L, 0);
            for (var step = 0; step < 100; step++)
            {
                var returned = random.Next(3) == 0 ? random.Next(held + 1) : 0;
                var wanted = random.Next(0, limit.MaxLease + 3);
                var grant = await (step % 2 == 0 ? one : other).LeaseAsync($"bucket-{run}", limit, wanted, returned)
                    ?? throw new InvalidOperationException("The cache is away.");
                grant.Granted.Should().BeInRange(0, wanted);
                (grant.WaitMilliseconds == 0).Should().Be(grant.Left > 0);
                granted += grant.Granted - returned;
                held += grant.Granted - returned;
                granted.Should().BeLessThanOrEqualTo((long)(limit.Burst + (limit.Rate * (watch.Elapsed.TotalSeconds + 0.002)) + 1), $"seed {seed}, run {run}, {limit}");
            }
        }
    }

    [Fact]
    public async Task A_bucket_begins_full_and_is_gone_once_it_is_full_again()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var store = Store(redis);
        using var driver = await ConnectionMultiplexer.ConnectAsync(redis.Address);
        var database = driver.GetDatabase();
        var limit = new RateLimit(1, 600);

        (await store.LeaseAsync("b", limit, wanted: 1000, returned: 0)).Should().BeEquivalentTo(new { Granted = 600, Left = 0 });
        var life = await database.KeyTimeToLiveAsync(TokenStore.KeyPrefix + "b");
        life.Should().BePositive().And.BeLessThanOrEqualTo(TimeSpan.FromSeconds(601), "ten minutes to fill, and a second");
        (await store.LeaseAsync("b", limit, wanted: 0, returned: 5000)).Should().BeEquivalentTo(new { Granted = 0, Left = 600 }, "no more goes in than it holds");
    }

    [Fact]
    public async Task Whatever_goes_wrong_the_cache_is_away_and_says_why()
    {
        var options = new RedisQueueOptions { Address = "127.0.0.1:1", PasswordFile = "no\0path" };
        await using var store = new TokenStore(new RateLimitOptions(), options, TimeProvider.System, NullLogger<TokenStore>.Instance);

        (await store.LeaseAsync("b", new RateLimit(1, 1), wanted: 1, returned: 0)).Should().BeNull();
        await store.ProbeAsync();

        store.IsAway.Should().BeTrue();
        store.Fault.Should().Contain("Null character");
    }

    [Fact]
    public async Task A_bucket_that_is_no_bucket_or_a_full_server_is_away_and_says_why()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var store = Store(redis);
        using var driver = await ConnectionMultiplexer.ConnectAsync(redis.Address + ",allowAdmin=true");
        await driver.GetServer(redis.Address).ConfigSetAsync("maxmemory", "1");

        (await store.LeaseAsync("b", new RateLimit(1, 1), 1, 0)).Should().BeNull();
        store.IsAway.Should().BeTrue();
        store.Fault.Should().Contain("no memory left");

        await driver.GetServer(redis.Address).ConfigSetAsync("maxmemory", "0");
        await store.ProbeAsync();
        store.IsAway.Should().BeFalse();
    }

    private static TokenStore Store(RedisServer redis) => new(
        new RateLimitOptions(), new RedisQueueOptions { Address = redis.Address, OperationTimeout = TimeSpan.FromMinutes(1) }, TimeProvider.System, NullLogger<TokenStore>.Instance);
}
