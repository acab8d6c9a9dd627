using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Tests.Compliance;

public abstract partial class JobQueueCompliance
{
    [Fact]
    public async Task A_queue_that_is_drained_keeps_what_runs_and_what_is_due_later()
    {
        var running = await EnqueueAsync(Request(tracked: true));
        var consumer = await OpenAsync();
        var lease = await FetchOneAsync(consumer);
        var alone = Request(tracked: true) with { Concurrency = new JobConcurrency("one", 1) };
        JobId[] waiting =
        [
            await EnqueueAsync(Request(tracked: true)), await EnqueueAsync(Request(lane: Lane.High)), await EnqueueAsync(Request(lane: Lane.Low)),
            await EnqueueAsync(Request(new string('x', 100_000), tracked: true)), await EnqueueAsync(alone), await EnqueueAsync(alone), await EnqueueAsync(alone),
        ];
        var delayed = await EnqueueAsync(Request(tracked: true) with { Delay = TimeSpan.FromHours(1) });

        (await Jobs.DrainAsync(Queue, delayed: false, 100, Bound)).Should().Be(7);

        (await StatisticsAsync()).Should().BeEquivalentTo(new { Backlog = new Backlog(0, 1, false), Parked = 0L, Delayed = 1L, CancelledTotal = 7L, StoppedTotal = 0L });
        foreach (var id in waiting.Where(id => id.IsTracked))
            (await Jobs.GetJobAsync(id, Bound))!.State.Should().Be(JobState.Cancelled);
        (await Jobs.GetJobAsync(delayed, Bound))!.State.Should().Be(JobState.Delayed);
        lease.Cancelled.IsCancellationRequested.Should().BeFalse();
        (await CompleteAsync(consumer, lease)).Should().Be(LeaseOutcome.Done);
        (await Jobs.GetJobAsync(running, Bound))!.State.Should().Be(JobState.Completed);
        (await consumer.FetchAsync(1, Bound)).Should().BeEmpty();

        (await Jobs.DrainAsync(Queue, delayed: true, 100, Bound)).Should().Be(1);
        (await Jobs.DrainAsync(Queue, delayed: true, 100, Bound)).Should().Be(0);
        (await Jobs.DrainAsync("nobody-knows-it", delayed: true, 100, Bound)).Should().Be(0);
        (await EnqueueAsync(alone)).Should().NotBe(default(JobId));
        (await FetchOneAsync(consumer)).Job.Traits!.Concurrency.Should().Be(alone.Concurrency, "what was drained holds no slot");
    }

    [Fact]
    public async Task A_queue_is_drained_in_parts_however_many_wait()
    {
        await Jobs.EnqueueAsync([.. Enumerable.Repeat(Request(), 600)], Bound);

        (await Jobs.DrainAsync(Queue, delayed: false, 10, Bound)).Should().Be(10);
        (await Jobs.DrainAsync(Queue, delayed: false, 500, Bound)).Should().Be(500);
        (await Jobs.DrainAsync(Queue, delayed: false, 500, Bound)).Should().Be(90);

        (await StatisticsAsync()).Should().BeEquivalentTo(new { Backlog = new Backlog(0, 0, false), CancelledTotal = 600L });
        var id = await EnqueueAsync();
        (await FetchOneAsync(await OpenAsync())).Job.Id.Should().Be(id);
    }

    [Fact]
    public async Task What_is_drained_is_told_to_those_who_follow_and_to_its_batch_and_may_run_again()
    {
        var batch = await EnqueueBatchAsync(jobs: 2);
        var tracked = await EnqueueAsync(Request(tracked: true));
        var before = await Jobs.ReadEventsAsync(Queue, after: null, 10, TimeSpan.Zero, Bound);

        await Jobs.DrainAsync(Queue, delayed: false, 100, Bound);

        var events = await Jobs.ReadEventsAsync(Queue, before.Last, 10, TimeSpan.Zero, Bound);
        events.Events.Should().Contain(e => e.Job == tracked && e.Kind == JobEventKind.Cancelled);
        (await BatchAsync(batch.Id)).Should().BeEquivalentTo(new { Open = 0, Failed = 2, SuccessCalled = false });
        var consumer = await OpenAsync();
        (await FetchOneAsync(consumer)).Job.Id.Should().Be(batch.OnComplete!.Value);
        (await Jobs.RerunAsync(tracked, Bound)).Should().Be(RerunOutcome.Enqueued);
        (await FetchOneAsync(consumer)).Job.Id.Should().Be(tracked);
    }
}
