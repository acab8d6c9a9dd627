using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Tests.Compliance;

public abstract partial class JobQueueCompliance
{
    [Fact]
    public async Task Events_tell_the_story_of_a_tracked_job()
    {
        var began = Now();
        await EnqueueAsync();
        var id = await EnqueueAsync(Request(tracked: true) with { Type = "a;b" });
        var consumer = await OpenAsync();
        var lease = (await FetchAsync(consumer, 2)).Single(l => l.Job.Id == id);
        await consumer.ReportProgressAsync([new JobProgressReport(lease, 0.25, "page 1")], Bound);
        await consumer.RetryAsync([new JobRetry(lease, TimeSpan.Zero, "it broke")], Bound);
        await CompleteAsync(consumer, await FetchOneAsync(consumer));

        var events = await EventsAsync();

        events.Should().OnlyContain(e => e.Job == id, "the other one is not tracked").And.BeInAscendingOrder(e => e.Id);
        events.Select(e => e with { Id = default, Job = default }).Should().Equal(
            new JobEvent { Id = default, Job = default, Kind = JobEventKind.Added, Type = "a;b" },
            new JobEvent { Id = default, Job = default, Kind = JobEventKind.Started, Attempt = 1, Consumer = consumer.Name },
            new JobEvent { Id = default, Job = default, Kind = JobEventKind.Progress, Share = 0.25, Note = "page 1" },
            new JobEvent { Id = default, Job = default, Kind = JobEventKind.Failed, Attempt = 1, Delay = TimeSpan.Zero, Error = "it broke" },
            new JobEvent { Id = default, Job = default, Kind = JobEventKind.Started, Attempt = 2, Consumer = consumer.Name },
            new JobEvent { Id = default, Job = default, Kind = JobEventKind.Completed });
        events[0].At.Should().BeOnOrAfter(began).And.BeOnOrBefore(TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public async Task Events_tell_of_every_other_turn_of_a_job_too()
    {
        await MaintainUntilAsync(_ => true);
        var id = await EnqueueAsync(Request(tracked: true));
        var consumer = await OpenAsync();
        await consumer.ReleaseAsync([await FetchOneAsync(consumer)], Bound);
        var lost = await OpenAsync();
        await FetchOneAsync(lost);
        await CrashAsync(lost);
        await MaintainUntilAsync(r => r.Recovered == 1);
        await EndAsync(consumer, await FetchOneAsync(consumer), "buried");
        await Jobs.RedriveAsync(id, Bound);
        await Jobs.CancelAsync(id, Bound);

        var events = (await EventsAsync()).Where(e => e.Kind != JobEventKind.Started).ToList();

        events.Select(e => e.Kind).Should().Equal(
            JobEventKind.Added, JobEventKind.Released, JobEventKind.Recovered, JobEventKind.Buried, JobEventKind.Redriven, JobEventKind.Cancelled);
        events[2].Crashes.Should().Be(1);
        events[3].Should().BeEquivalentTo(new { Reason = DeadLetterReasons.Unrecoverable, Error = "no" });
    }

    [Fact]
    public async Task Events_are_read_on_from_where_one_was()
    {
        var ids = (await Jobs.EnqueueAsync([.. Enumerable.Repeat(Request(tracked: true), 5)], Bound)).Ids();

        var first = await Jobs.ReadEventsAsync(Queue, JobEventId.Start, 3, TimeSpan.Zero, Bound);
        first.Events.Select(e => e.Job).Should().Equal(ids.Take(3));
        first.Last.Should().Be(first.Events[^1].Id);
        var second = await Jobs.ReadEventsAsync(Queue, first.Last, 3, TimeSpan.Zero, Bound);
        second.Events.Select(e => e.Job).Should().Equal(ids.Skip(3));
        var third = await Jobs.ReadEventsAsync(Queue, second.Last, 3, TimeSpan.Zero, Bound);
        third.Should().BeEquivalentTo(new { Events = Array.Empty<JobEvent>(), second.Last });
    }

    [Fact]
    public async Task Events_that_are_to_come_are_waited_for()
    {
        await EnqueueAsync(Request(tracked: true));
        var now = await Jobs.ReadEventsAsync(Queue, after: null, 10, TimeSpan.Zero, Bound);
        now.Events.Should().BeEmpty("what was before is not asked for");
        var waiting = Jobs.ReadEventsAsync(Queue, now.Last, 10, TimeSpan.FromSeconds(20), Bound).AsTask();
        waiting.IsCompleted.Should().BeFalse();

        var id = await EnqueueAsync(Request(tracked: true));

        (await waiting).Events.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Job = id, Kind = JobEventKind.Added });
        (await Jobs.ReadEventsAsync(Queue, (await waiting).Last, 10, TimeSpan.FromMilliseconds(50), Bound)).Events.Should().BeEmpty();
        using var cancel = new CancellationTokenSource();
        var cancelled = Jobs.ReadEventsAsync(Queue, (await waiting).Last, 10, TimeSpan.FromSeconds(20), cancel.Token).AsTask();
        await cancel.CancelAsync();
        await cancelled.Invoking(async c => await c).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Where_nothing_was_kept_the_place_of_an_event_is_unknown()
    {
        (await Jobs.ReadEventsAsync(Queue, JobEventId.Start, 10, TimeSpan.Zero, Bound)).Events.Should().BeEmpty();
        foreach (var seen in new[] { new JobEventId(1, 0), new JobEventId(TimeProvider.System.GetUtcNow().AddDays(1).ToUnixTimeMilliseconds(), 0) })
        {
            var read = async () => await Jobs.ReadEventsAsync(Queue, seen, 10, TimeSpan.Zero, Bound);
            await read.Should().ThrowAsync<JobEventsTrimmedException>("it is of a server that lost its data, or of another one");
        }
    }

    private async Task<IReadOnlyList<JobEvent>> EventsAsync() =>
        (await Jobs.ReadEventsAsync(Queue, JobEventId.Start, 100, TimeSpan.Zero, Bound)).Events;
}
