using System.Globalization;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>What a batch costs the server, and that each job of it keeps its own answer.</summary>
public sealed class RedisBatchTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    [Fact]
    public async Task A_batch_that_is_all_owned_is_completed_with_one_command_a_lane()
    {
        await EnqueueManyAsync(100);
        var consumer = await OpenAsync("c1");
        var leases = await consumer.FetchAsync(100, Bound);
        Raw("CONFIG", "RESETSTAT");

        (await CompleteAsync(consumer, leases)).Should().HaveCount(100).And.AllBeEquivalentTo(LeaseOutcome.Done);

        Calls("xack").Should().Be(1);
        Calls("xdel").Should().Be(1);
        (await StatisticsAsync()).Should().BeEquivalentTo(new { CompletedTotal = 100L, Backlog = default(Backlog) });
    }

    [Fact]
    public async Task Where_not_all_of_a_batch_are_owned_each_job_gets_its_own_answer()
    {
        await EnqueueManyAsync(9);
        var consumer = await OpenAsync("c1");
        var leases = await consumer.FetchAsync(9, Bound);
        string[] ended = [leases[0].EntryId, leases[4].EntryId, leases[8].EntryId];
        Run(RedisScript.Release, [.. ended.SelectMany(id => new object[] { "3", id })]).Text.Should().Be("111");

        var outcomes = await CompleteAsync(consumer, leases);

        outcomes.Select(o => o == LeaseOutcome.Gone).Should().Equal(leases.Select(l => ended.Contains(l.EntryId)));
        (await StatisticsAsync()).Should().BeEquivalentTo(
            new { CompletedTotal = 6L, ReleasedTotal = 3L, Backlog = new Backlog(3, 0, Paused: false) });
    }

    [Fact]
    public async Task A_job_whose_delivery_the_server_lost_is_not_completed_with_the_rest_of_its_batch()
    {
        await EnqueueManyAsync(2);
        var consumer = await OpenAsync("c1");
        var lost = await consumer.FetchAsync(2, Bound);
        // At once: a heartbeat in between would find that it owns neither.
        const string lose = """
            redis.call('XGROUP', 'DESTROY', KEYS[1], 'workers')
            redis.call('XGROUP', 'CREATE', KEYS[1], 'workers', '0')
            redis.call('XREADGROUP', 'GROUP', 'workers', 'c1', 'COUNT', '1', 'STREAMS', KEYS[1], '>')
            """;
        Raw("EVAL", lose, "1", Keys.LaneKey(Lane.Normal));

        (await CompleteAsync(consumer, lost)).Should().Equal(LeaseOutcome.Done, LeaseOutcome.Gone);

        (await FetchOneAsync(consumer)).Job.Id.Should().Be(lost[1].Job.Id, "nobody has it, so it runs again");
    }

    [Fact]
    public async Task Jobs_that_are_alike_are_added_all_or_none_in_order_with_the_servers_time()
    {
        var before = ServerTime();
        var ids = await EnqueueManyAsync(300);

        var consumer = await OpenAsync("c1");
        var leases = await consumer.FetchAsync(500, Bound);

        leases.Select(l => l.Job.Id).Should().Equal(ids);
        leases.Should().AllSatisfy(l => l.Job.EnqueuedAt.Should().BeOnOrAfter(before).And.BeOnOrBefore(ServerTime()));
        (await StatisticsAsync()).EnqueuedTotal.Should().Be(300);
    }

    [Fact]
    public async Task Jobs_that_differ_keep_their_order_and_what_makes_them_differ()
    {
        JobRequest[] requests =
        [
            new() { Queue = Queue, Type = "a" }, new() { Queue = Queue, Type = "b", Tracked = true }, new() { Queue = Queue, Type = "a" },
            new() { Queue = Queue, Type = "a", Retry = new RetryPolicy { MaxAttempts = 9 } }, new() { Queue = Queue, Type = "c" },
        ];
        await Jobs.EnqueueAsync(requests, Bound);

        var leases = await (await OpenAsync("c1")).FetchAsync(10, Bound);

        leases.Select(l => (l.Job.Type, l.Job.Id.IsTracked, l.Job.Retry.MaxAttempts)).Should()
            .Equal(requests.Select(r => (r.Type, r.Tracked, r.Retry.MaxAttempts)));
    }

    private async Task<IReadOnlyList<JobId>> EnqueueManyAsync(int jobs) => (await Jobs.EnqueueAsync(
        [.. Enumerable.Repeat(new JobRequest { Queue = Queue, Type = "test.job" }, jobs)], Bound)).Ids();

    private async Task<IReadOnlyList<LeaseOutcome>> CompleteAsync(IJobConsumer consumer, IEnumerable<JobLease> leases) =>
        await consumer.CompleteAsync([.. leases.Select(l => new JobCompletion(l))], Bound);

    private DateTimeOffset ServerTime()
    {
        long[] time = [.. Raw("TIME").Items!.Select(i => long.Parse(i.Text, CultureInfo.InvariantCulture))];
        return DateTimeOffset.FromUnixTimeMilliseconds((time[0] * 1000) + (time[1] / 1000));
    }
}
