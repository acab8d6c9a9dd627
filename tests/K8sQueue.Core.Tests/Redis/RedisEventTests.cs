using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>How events stand in their stream, and that untracked jobs pay nothing for them.</summary>
public sealed class RedisEventTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    [Fact]
    public async Task Untracked_jobs_leave_no_event()
    {
        var limited = new JobRequest { Queue = Queue, Type = "t", Concurrency = new JobConcurrency("one", 1) };
        await Jobs.EnqueueAsync([limited, limited, new JobRequest { Queue = Queue, Type = "t" }], Bound);
        var consumer = await OpenAsync("c1");
        await consumer.RetryAsync([new JobRetry(await FetchOneAsync(consumer), TimeSpan.Zero, "no")], Bound);
        await consumer.ReleaseAsync([await FetchOneAsync(consumer)], Bound);
        await consumer.BuryAsync([new JobBurial(await FetchOneAsync(consumer), DeadLetterReasons.Unrecoverable, "no")], Bound);
        for (var i = 0; i < 2; i++)
            await CompleteAsync(consumer, await FetchOneAsync(consumer));

        Raw("EXISTS", Keys.Events).Integer.Should().Be(0);
        (await StatisticsAsync()).Should().BeEquivalentTo(new { CompletedTotal = 2L, BuriedTotal = 1L, Backlog = default(Backlog) });
    }

    [Fact]
    public async Task Only_so_many_events_are_kept_and_who_missed_some_is_told()
    {
        var client = Client(o => o.EventsLimit = 100);
        await client.MaintainAsync(Queue, Bound);
        await EnqueueManyAsync(1);
        var first = await ReadAsync(JobEventId.Start);
        await EnqueueManyAsync(150);
        var before = await ReadAsync(first.Last);
        await EnqueueManyAsync(450);

        Raw("XLEN", Keys.Events).Integer.Should().BeInRange(100, 200, "it is cut by whole nodes");
        await FluentActions.Awaiting(() => ReadAsync(first.Last)).Should().ThrowAsync<JobEventsTrimmedException>();
        await FluentActions.Awaiting(() => ReadAsync(before.Last)).Should().ThrowAsync<JobEventsTrimmedException>();
        var kept = await ReadAsync(JobEventId.Start);
        kept.Events.Should().HaveCount((int)Raw("XLEN", Keys.Events).Integer);
        (await ReadAsync(kept.Events[0].Id)).Events.Should().HaveCount(kept.Events.Count - 1, "nothing behind it is gone");
    }

    [Fact]
    public async Task None_are_kept_where_the_limit_is_0()
    {
        await EnqueueManyAsync(1);
        Raw("XLEN", Keys.Events).Integer.Should().Be(1);

        await Client(o => o.EventsLimit = 0).MaintainAsync(Queue, Bound);
        await EnqueueManyAsync(1);
        Raw("EXISTS", Keys.Events).Integer.Should().Be(0);
        (await ReadAsync(JobEventId.Start)).Events.Should().BeEmpty();

        await Jobs.MaintainAsync(Queue, Bound);
        await EnqueueManyAsync(1);
        Raw("XLEN", Keys.Events).Integer.Should().Be(1);
    }

    [Fact]
    public async Task Housekeeping_of_others_leaves_the_limit_as_it_is()
    {
        await Client(o => o.EventsLimit = 77).MaintainAsync(Queue, Bound);

        Run(RedisScript.Maintain, RedisServices.LayoutVersion, "1000", "6000", "60000", "3", "100", "604800000", "0");

        Raw("HGET", Keys.Reaper, "events").Text.Should().Be("77");
    }

    [Fact]
    public async Task What_this_release_does_not_know_is_passed_over()
    {
        var id = await EnqueueAsync(tracked: true);
        Raw("XADD", Keys.Events, "*", "j", id.Ulid, "k", "teleported");
        Raw("XADD", Keys.Events, "*", "j", "nobody", "k", "added");
        var odd = Raw("XADD", Keys.Events, "*", "something", "else").Text;

        var page = await ReadAsync(JobEventId.Start);

        page.Events.Should().ContainSingle().Which.Job.Should().Be(id);
        page.Last.ToString().Should().Be(odd);
    }

    [Fact]
    public async Task An_event_has_no_more_than_the_beginning_of_an_error()
    {
        await EnqueueAsync(tracked: true);
        var consumer = await OpenAsync("c1");
        await consumer.BuryAsync([new JobBurial(await FetchOneAsync(consumer), DeadLetterReasons.Unrecoverable, new string('x', 5000))], Bound);

        (await ReadAsync(JobEventId.Start)).Events[^1].Error.Should().Be(new string('x', JobEvent.MaxErrorBytes));
    }

    [Fact]
    public async Task Who_waits_for_events_blocks_no_connection()
    {
        var name = $"pod-{Queue}";
        var client = Client(o => o.ClientName = name);
        var reading = client.ReadEventsAsync(Queue, after: null, 10, TimeSpan.FromSeconds(20), Bound).AsTask();
        await K8sQueue.Testing.Eventually.IsTrue(() => Connections(name).Length == 1);
        Connections(name).Should().NotContain(c => c.Contains("flags=b", StringComparison.Ordinal));

        await EnqueueAsync(tracked: true);

        (await reading).Events.Should().HaveCount(1);
    }

    private Task<JobEventPage> ReadAsync(JobEventId after) => Jobs.ReadEventsAsync(Queue, after, 1000, TimeSpan.Zero, Bound).AsTask();

    private async Task EnqueueManyAsync(int jobs) => await Jobs.EnqueueAsync(
        [.. Enumerable.Repeat(new JobRequest { Queue = Queue, Type = "t", Tracked = true }, jobs)], Bound);
}
