using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Tests.Redis;

public sealed class RedisDrainTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    [Fact]
    public async Task A_drained_queue_leaves_nothing_of_its_jobs()
    {
        var large = new string('x', 200_000);
        await EnqueueAsync(large);
        await EnqueueAsync("{}");
        var cancelled = await EnqueueAsync("{}");
        (await Jobs.CancelAsync(cancelled, Bound)).Should().Be(CancelOutcome.Requested, "nothing says where an untracked job stands");

        (await Jobs.DrainAsync(Queue, delayed: true, 100, Bound)).Should().Be(3);

        (await Jobs.FindJobsAsync(Queue, new JobFilter(JobState.Waiting), after: null, 10, Bound)).Jobs.Should().BeEmpty();
        Raw("KEYS", Keys.Base + "*").Items!.Select(key => key.Text).Should().BeSubsetOf([.. Keys.Lanes, Keys.Version, Keys.Statistics]);
    }
}
