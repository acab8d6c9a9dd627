using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis.Resp;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>Large fetches read a lane with a plain command, and keep what the script promises.</summary>
public sealed class RedisDirectReadTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    private const int Batch = 60;

    // The socket asks when it opens whether it may.
    private const int ToOpen = 1;

    [Fact]
    public async Task A_backlog_of_one_lane_is_read_with_plain_commands_and_every_start_is_counted()
    {
        var ids = await EnqueueManyAsync(5 * Batch);
        var consumer = await OpenAsync("c1");
        var first = await consumer.FetchAsync(Batch, Bound);
        Raw("CONFIG", "RESETSTAT");
        Raw("SCRIPT", "FLUSH");

        var leases = new List<JobLease>(first);
        for (var i = 0; i < 4; i++)
            leases.AddRange(await consumer.FetchAsync(Batch, Bound));

        Calls("exec").Should().Be(4 + ToOpen);
        leases.Select(l => l.Job.Id).Should().Equal(ids);
        (await StatisticsAsync()).Should().BeEquivalentTo(
            new { StartedTotal = 5L * Batch, Backlog = new Backlog(0, 5 * Batch, Paused: false) });
        Raw("HKEYS", Keys.Statistics).Items!.Select(f => f.Text).Should().BeEquivalentTo("enqueued", "started");
        (await consumer.CompleteAsync([.. leases.Select(l => new JobCompletion(l))], Bound)).Should().AllBeEquivalentTo(LeaseOutcome.Done);
    }

    [Fact]
    public async Task Two_consumers_at_once_are_counted_apart_and_share_no_job()
    {
        await EnqueueManyAsync(40 * Batch);
        var consumers = new[] { await OpenAsync("c1"), await OpenAsync("c2") };
        var taken = await Task.WhenAll(consumers.Select(async consumer =>
        {
            var leases = new List<JobLease>();
            while (await consumer.FetchAsync(Batch, Bound) is { Count: > 0 } more)
                leases.AddRange(more);
            return leases;
        }));

        taken.SelectMany(l => l).Select(l => l.Job.Id).Should().OnlyHaveUniqueItems().And.HaveCount(40 * Batch);
        (await StatisticsAsync()).StartedTotal.Should().Be(40 * Batch);
    }

    [Fact]
    public async Task A_queue_that_was_paused_after_the_last_fetch_starts_nothing_and_stays_as_it_was()
    {
        var ids = await EnqueueManyAsync(4 * Batch);
        var consumer = await OpenAsync("c1");
        await consumer.FetchAsync(Batch, Bound);
        var group = Group(Lane.Normal);
        await Jobs.SetPausedAsync(Queue, true, Bound);
        Raw("CONFIG", "RESETSTAT");

        (await consumer.FetchAsync(Batch, Bound)).Should().BeEmpty();

        Calls("exec").Should().Be(1 + ToOpen, "only the first read finds out");
        Group(Lane.Normal).Should().Equal(group);
        (await StatisticsAsync()).Should().BeEquivalentTo(
            new { StartedTotal = (long)Batch, ReleasedTotal = 0L, Backlog = new Backlog(3 * Batch, Batch, Paused: true) });

        await Jobs.SetPausedAsync(Queue, false, Bound);
        var leases = await consumer.FetchAsync(Batch, Bound);
        leases.Select(l => l.Job.Id).Should().Equal(ids.Skip(Batch).Take(Batch));
        leases.Should().AllSatisfy(l => l.Job.Epoch.Should().Be(1));
    }

    [Fact]
    public async Task Jobs_that_came_to_a_better_lane_meanwhile_go_first_all_the_same()
    {
        var normal = await EnqueueManyAsync(4 * Batch);
        var consumer = await OpenAsync("c1");
        var first = await consumer.FetchAsync(Batch, Bound);
        var high = await EnqueueManyAsync(5, Lane.High);
        await consumer.ReleaseAsync([.. first.Take(3)], Bound);

        var leases = await consumer.FetchAsync(Batch, Bound);

        leases.Select(l => l.Job.Id).Should()
            .Equal([.. normal.Take(3), .. high, .. normal.Skip(Batch).Take(Batch - 8)]);
        (await StatisticsAsync()).Should().BeEquivalentTo(
            new { StartedTotal = 2L * Batch, ReleasedTotal = 3L, Backlog = new Backlog((3 * Batch) - 55 + 3, (2 * Batch) - 3, Paused: false) });
    }

    [Fact]
    public async Task Jobs_of_a_better_lane_that_run_already_hold_up_nothing()
    {
        await EnqueueManyAsync(5, Lane.High);
        var consumer = await OpenAndBeatAsync("c1", Client(RedisFixture.Quiet));
        await consumer.FetchAsync(5, Bound);
        await EnqueueManyAsync(3 * Batch);
        await consumer.FetchAsync(Batch, Bound);
        Raw("CONFIG", "RESETSTAT");

        (await consumer.FetchAsync(Batch, Bound)).Should().HaveCount(Batch);

        Calls("exec").Should().Be(1);
        Calls("evalsha").Should().Be(0);
    }

    [Fact]
    public async Task Every_eighth_batch_starts_at_low_all_the_same()
    {
        await EnqueueManyAsync(20 * Batch);
        var low = await EnqueueManyAsync(3, Lane.Low);
        var consumer = await OpenAsync("c1");
        for (var batch = 1; batch <= LaneOrder.Round; batch++)
        {
            var leases = await consumer.FetchAsync(Batch, Bound);
            leases.Where(l => l.Lane == Lane.Low).Select(l => l.Job.Id).Should()
                .Equal(batch == LaneOrder.Round ? low : []);
        }
    }

    [Fact]
    public async Task While_high_is_busy_normal_has_its_batch_and_high_is_read_with_plain_commands_all_the_same()
    {
        await EnqueueManyAsync(12 * Batch, Lane.High);
        await EnqueueManyAsync(12 * Batch);
        var consumer = await OpenAsync("c1");
        Raw("CONFIG", "RESETSTAT");
        for (var batch = 1; batch < 13; batch++)
        {
            (await consumer.FetchAsync(Batch, Bound)).Select(l => l.Lane).Should().HaveCount(Batch)
                .And.AllBeEquivalentTo(batch % LaneOrder.Round == LaneOrder.Round / 2 ? Lane.Normal : Lane.High);
        }

        Calls("exec").Should().Be(10 + ToOpen, "the script read the first batch and those of normal, and one read was taken back");
    }

    [Fact]
    public async Task A_tracked_job_that_a_plain_command_took_is_said_to_run()
    {
        await EnqueueManyAsync(Batch);
        var tracked = await EnqueueManyAsync(Batch, tracked: true);
        var consumer = await OpenAsync("c1");
        await consumer.FetchAsync(Batch, Bound);

        await consumer.FetchAsync(Batch, Bound);

        (await Jobs.GetJobAsync(tracked[^1], Bound)).Should().BeEquivalentTo(new { State = JobState.Running, Consumer = "c1" });
    }

    [Fact]
    public async Task A_full_server_gives_its_jobs_and_none_of_a_paused_queue()
    {
        await EnqueueManyAsync(4 * Batch);
        var consumer = await OpenAsync("c1");
        await consumer.FetchAsync(Batch, Bound);
        Raw("CONFIG", "SET", "maxmemory", "1");
        try
        {
            (await consumer.FetchAsync(Batch, Bound)).Should().HaveCount(Batch);
            await Jobs.SetPausedAsync(Queue, true, Bound);
            (await consumer.FetchAsync(Batch, Bound)).Should().BeEmpty();
            await Jobs.SetPausedAsync(Queue, false, Bound);
            (await consumer.FetchAsync(Batch, Bound)).Should().HaveCount(Batch);
        }
        finally
        {
            Raw("CONFIG", "SET", "maxmemory", "0");
        }
    }

    [Fact]
    public async Task A_lane_that_went_away_is_made_again()
    {
        await EnqueueManyAsync(2 * Batch);
        var consumer = await OpenAsync("c1");
        await consumer.FetchAsync(Batch, Bound);
        Raw(["DEL", .. Keys.Lanes]);
        var id = await EnqueueAsync();

        (await consumer.FetchAsync(Batch, Bound)).Should().ContainSingle().Which.Job.Id.Should().Be(id);
    }

    private async Task<IReadOnlyList<JobId>> EnqueueManyAsync(int jobs, Lane lane = Lane.Normal, bool tracked = false) =>
        (await Jobs.EnqueueAsync(
            [.. Enumerable.Repeat(new JobRequest { Queue = Queue, Type = "test.job", Lane = lane, Tracked = tracked }, jobs)], Bound)).Ids();

    /// <summary>What the server says of a lane's group but for its consumers' number: pending, last delivered, entries read, lag.</summary>
    private string[] Group(Lane lane) => [.. Raw("XINFO", "GROUPS", Keys.LaneKey(lane)).Items!.Single().Items!.Skip(4).Select(Text)];

    private static string Text(RespValue value) => value.IsInteger ? $"{value.Integer}" : value.Text;
}
