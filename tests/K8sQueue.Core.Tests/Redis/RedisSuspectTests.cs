using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>Jobs that were in processes that died: one of them may have ended them all.</summary>
public sealed class RedisSuspectTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    [Fact]
    public async Task Jobs_whose_worker_was_lost_twice_run_one_at_a_time_and_only_the_one_that_kills_it_is_poison()
    {
        var poison = await EnqueueAsync("poison");
        var beside = (await Jobs.EnqueueAsync([.. Enumerable.Repeat(new JobRequest { Queue = Queue, Type = "test.job", Tracked = true }, 2)], Bound)).Ids();
        for (var crash = 1; crash <= 2; crash++)
        {
            var lost = await OpenAsync($"lost-{crash}", Client());
            var taken = 0;
            while (taken < 3)
                taken += (await lost.FetchAsync(3, Bound)).Count;
            await lost.DisposeAsync();
            var recovered = 0;
            await MaintainUntilAsync(r => (recovered = r.Recovered) == 3);
        }

        (await StatisticsAsync()).Should().BeEquivalentTo(new { Backlog = new Backlog(1, 0, Paused: false), Parked = 2L });
        var consumer = await OpenAsync("c1", Client());
        var ended = new List<JobId>();
        while (ended.Count < 3)
        {
            var leases = await consumer.FetchAsync(3, Bound);
            leases.Count.Should().BeLessThanOrEqualTo(1, "suspects run alone");
            if (leases is not [var lease])
                continue;
            lease.Job.Crashes.Should().Be(2);
            ended.Add(lease.Job.Id);
            if (lease.Job.Id != poison)
            {
                (await CompleteAsync(consumer, lease)).Should().Be(LeaseOutcome.Done);
                continue;
            }

            await consumer.DisposeAsync();
            await MaintainUntilAsync(r => r.Buried == 1);
            consumer = await OpenAsync("c2", Client());
        }

        (await Jobs.ListDeadLettersAsync(Queue, 0, 10, Bound)).Should().ContainSingle().Which.Job.Id.Should().Be(poison);
        foreach (var id in beside)
            (await Jobs.GetJobAsync(id, Bound))!.State.Should().Be(JobState.Completed);
        (await StatisticsAsync()).Should().BeEquivalentTo(new { Backlog = default(Backlog), Parked = 0L, CompletedTotal = 2L });
        Raw("KEYS", Keys.Base + "suspect*").Items.Should().BeEmpty();
    }
}
