using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Testing;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>What this machine's clock says has no part in what a job waited.</summary>
public sealed class RedisClockTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    private static readonly TimeSpan Near = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(-60)]
    [InlineData(60)]
    public async Task A_lease_says_by_how_much_the_servers_clock_is_ahead(int minutes)
    {
        var clock = new ShiftedClock(TimeSpan.FromMinutes(-minutes));
        await using var queue = new RedisJobQueue(RedisFixture.Options(Server), clock);
        await using var consumer = await queue.OpenConsumerAsync(new JobConsumerOptions { Queues = [Queue], Name = "c1" }, Bound);

        // The heartbeat asks for the time, and has perhaps not done so yet.
        await Eventually.Passes(async () =>
        {
            await EnqueueAsync();
            var lease = await FetchOneAsync(consumer);
            await CompleteAsync(consumer, lease);
            lease.BrokerAhead.Should().BeCloseTo(TimeSpan.FromMinutes(minutes), Near);
            (clock.GetUtcNow() + lease.BrokerAhead).Should().BeCloseTo(lease.AvailableAt!.Value, Near);
        });
    }

    private sealed class ShiftedClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
