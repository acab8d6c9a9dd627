using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Testing;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>How requests to cancel stand in the keys, and that who has none pays nothing for them.</summary>
public sealed class RedisCancelTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    private const int Batch = 60;

    [Fact]
    public async Task A_queue_without_cancelled_jobs_pays_one_look_a_call()
    {
        await EnqueueManyAsync(2 * Batch);
        var consumer = await OpenAsync("c1");
        await consumer.FetchAsync(1, Bound);
        Raw("CONFIG", "RESETSTAT");

        var leases = await consumer.FetchAsync(Batch - 1, Bound);
        await consumer.CompleteAsync([.. leases.Select(l => new JobCompletion(l))], Bound);

        Calls("zscore").Should().Be(0);
        Calls("exists").Should().BeLessThanOrEqualTo(2 + Calls("zadd"), "a heartbeat looks once too");
    }

    [Fact]
    public async Task Plain_reads_hand_out_no_cancelled_job_and_go_on_when_it_is_gone()
    {
        var ids = await EnqueueManyAsync(24 * Batch);
        var consumer = await OpenAsync("c1");
        var taken = new List<JobLease>(await consumer.FetchAsync(Batch, Bound));
        (await Jobs.CancelAsync(ids[Batch + 7], Bound)).Should().Be(CancelOutcome.Requested);

        while (taken.Count < ids.Count - 1)
            taken.AddRange(await consumer.FetchAsync(Batch, Bound));

        taken.Select(l => l.Job.Id).Should().Equal(ids.Where((_, i) => i != Batch + 7));
        await consumer.CompleteAsync([.. taken.Select(l => new JobCompletion(l))], Bound);
        Raw("EXISTS", Keys.Cancelled).Integer.Should().Be(0);
        (await StatisticsAsync()).Should().BeEquivalentTo(
            new { StartedTotal = (24L * Batch) - 1, CancelledTotal = 1L, StoppedTotal = 0L, Backlog = default(Backlog) });
    }

    [Fact]
    public async Task However_many_cancelled_jobs_stand_before_a_job_it_is_found()
    {
        var ids = await EnqueueManyAsync(2500);
        var consumer = await OpenAsync("c1");
        foreach (var id in ids.SkipLast(1))
            await Jobs.CancelAsync(id, Bound);

        (await FetchOneAsync(consumer)).Job.Id.Should().Be(ids[^1]);

        (await StatisticsAsync()).Should().BeEquivalentTo(new { CancelledTotal = 2499L, StartedTotal = 1L });
    }

    [Fact]
    public async Task A_request_stands_as_long_as_its_job_may_and_is_forgotten_then()
    {
        await OpenAsync("c1");
        await Jobs.SetPausedAsync(Queue, true, Bound);
        var waiting = await EnqueueAsync();
        var unknown = JobId.Create(Queue, tracked: false, TimeProvider.System);
        await Jobs.CancelAsync(waiting, Bound);
        await Jobs.CancelAsync(unknown, Bound);
        await Jobs.MaintainAsync(Queue, Bound);
        Raw("ZCARD", Keys.Cancelled).Integer.Should().Be(2, "the job stands where it stood");

        await Jobs.SetPausedAsync(Queue, false, Bound);
        var consumer = await OpenAsync("c2");
        (await consumer.FetchAsync(1, Bound)).Should().BeEmpty();
        Raw("ZRANGE", Keys.Cancelled, "0", "-1").Items!.Select(i => i.Text).Should().Equal(unknown.Ulid);
        await EnqueueAsync();
        await Jobs.MaintainAsync(Queue, Bound);

        Raw("EXISTS", Keys.Cancelled).Integer.Should().Be(0, "nothing stands that stood when it was asked for");
    }

    [Fact]
    public async Task A_request_stands_for_days_where_its_job_does_and_the_job_does_not_run_then()
    {
        await Jobs.SetPausedAsync(Queue, true, Bound);
        var (before, lately) = (Days(-9), Days(-3));
        var id = JobId.Create(Queue, tracked: false, TimeProvider.System);
        Raw("XADD", Keys.LaneKey(Lane.Low), $"{before + 1}-1", "h", $"1;{id.Ulid};1;0;1;1;l;;;;;test.job", "p", "{}");
        Raw("ZADD", Keys.Cancelled, $"{before}", "gone", $"{lately}", id.Ulid);

        await Jobs.MaintainAsync(Queue, Bound);

        Raw("ZRANGE", Keys.Cancelled, "0", "-1").Items!.Select(i => i.Text).Should().Equal(id.Ulid);
        await Jobs.SetPausedAsync(Queue, false, Bound);
        (await (await OpenAsync("c1")).FetchAsync(1, Bound)).Should().BeEmpty();
        (await StatisticsAsync()).Should().BeEquivalentTo(new { CancelledTotal = 1L, StartedTotal = 0L, Backlog = default(Backlog) });

        static long Days(int days) => TimeProvider.System.GetUtcNow().AddDays(days).ToUnixTimeMilliseconds();
    }

    [Fact]
    public async Task A_heartbeat_names_cancelled_jobs_to_who_names_its_jobs()
    {
        var ids = await EnqueueManyAsync(2);
        var owner = await OpenAsync("owner");
        var leases = await owner.FetchAsync(2, Bound);
        object[] beat = ["owner", "0", "0", "2", "0", leases[0].EntryId, leases[1].EntryId];

        Run(RedisScript.Beat, [.. beat, "?"]).Text.Should().Be("11");
        await Jobs.CancelAsync(ids[1], Bound);
        Run(RedisScript.Beat, beat).Text.Should().Be("11", "it did not ask");
        Run(RedisScript.Beat, [.. beat, "?"]).Text.Should().Be("11?");
        Run(RedisScript.Beat, [.. beat, ids[0].Ulid, ids[1].Ulid]).Text.Should().Be("12?");
        Run(RedisScript.Beat, ["thief", .. beat[1..], ids[0].Ulid, ids[1].Ulid]).Text.Should().Be("00?");
    }

    [Fact]
    public async Task What_a_blocking_read_brought_is_not_started_when_it_is_cancelled()
    {
        var id = await EnqueueAsync(tracked: true);
        var consumer = await OpenAsync("c1");
        Raw("XREADGROUP", "GROUP", "workers", "c1~", "COUNT", "1", "STREAMS", Keys.LaneKey(Lane.Normal), ">").Items.Should().HaveCount(1);

        (await Jobs.CancelAsync(id, Bound)).Should().Be(CancelOutcome.Requested);
        Run(RedisScript.Fetch, "c1", "5", "0", "1").Items.Should().ContainSingle("it took none");

        (await Jobs.GetJobAsync(id, Bound))!.State.Should().Be(JobState.Cancelled);
        (await consumer.FetchAsync(1, Bound)).Should().BeEmpty();
        (await StatisticsAsync()).Should().BeEquivalentTo(new { CancelledTotal = 1L, StoppedTotal = 0L, StartedTotal = 0L });
    }

    [Fact]
    public async Task A_job_whose_record_does_not_say_where_it_stands_ends_when_it_is_fetched()
    {
        var id = await EnqueueAsync(tracked: true);
        Raw("HDEL", Keys.JobKey(id), "e", "l");
        var consumer = await OpenAsync("c1");

        (await Jobs.CancelAsync(id, Bound)).Should().Be(CancelOutcome.Requested);

        (await consumer.FetchAsync(1, Bound)).Should().BeEmpty();
        (await Jobs.GetJobAsync(id, Bound))!.State.Should().Be(JobState.Cancelled);
        Raw("PTTL", Keys.JobKey(id)).Integer.Should().BeInRange(1, 60_000, "its record is kept as long as the canceller's options say");
    }

    [Fact]
    public async Task A_cancelled_job_leaves_nothing_behind()
    {
        var payload = new string('x', 100_000);
        var waiting = await EnqueueAsync(payload, tracked: true);
        (await Client(o => o.CompletedRetention = TimeSpan.FromSeconds(1)).CancelAsync(waiting, Bound)).Should().Be(CancelOutcome.Cancelled);
        var running = await EnqueueAsync(payload);
        var consumer = await OpenAsync("c1");
        var lease = await FetchOneAsync(consumer);
        await Jobs.CancelAsync(running, Bound);
        await Eventually.IsTrue(() => lease.Cancelled.IsCancellationRequested);
        await consumer.CancelAsync([lease], Bound);
        await consumer.LeaveAsync(Bound);

        await Eventually.IsTrue(() => Raw("EXISTS", Keys.JobKey(waiting), Keys.PayloadKey(waiting)).Integer == 0);
        Raw("KEYS", Keys.Base + "*").Items!.Select(k => k.Text).Should().BeSubsetOf([.. Keys.Lanes, Keys.Version, Keys.Statistics, Keys.Events]);
    }

    private async Task<IReadOnlyList<JobId>> EnqueueManyAsync(int jobs) => (await Jobs.EnqueueAsync(
        [.. Enumerable.Repeat(new JobRequest { Queue = Queue, Type = "test.job" }, jobs)], Bound)).Ids();
}
