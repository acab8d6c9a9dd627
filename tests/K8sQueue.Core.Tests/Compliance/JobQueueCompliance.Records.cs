using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Tests.Compliance;

public abstract partial class JobQueueCompliance
{
    [Fact]
    public async Task A_queue_is_deleted_where_it_has_nothing_and_made_anew_by_the_next_job()
    {
        await EnqueueAsync();
        await ShouldNotBeDeletedAsync("a job waits");
        var consumer = await OpenAsync();
        var lease = await FetchOneAsync(consumer);
        await ShouldNotBeDeletedAsync("a job runs");
        await consumer.BuryAsync([new JobBurial(lease, DeadLetterReasons.Unrecoverable, "no")], Bound);
        await ShouldNotBeDeletedAsync("it has a consumer");
        await consumer.LeaveAsync(Bound);
        await ShouldNotBeDeletedAsync("it has a dead letter");
        await Jobs.DeleteDeadLetterAsync(lease.Job.Id, Bound);
        var delayed = await EnqueueAsync(Request() with { Delay = TimeSpan.FromHours(1) });
        await ShouldNotBeDeletedAsync("a job waits for its time");
        await Jobs.CancelAsync(delayed, Bound);
        await Jobs.SetPausedAsync(Queue, true, Bound);

        (await Jobs.DeleteQueueAsync(Queue, Bound)).Should().BeTrue();
        (await Jobs.DeleteQueueAsync(Queue, Bound)).Should().BeTrue("there is none");

        (await Jobs.ListQueuesAsync(Bound)).Should().NotContain(Queue);
        (await StatisticsAsync()).Should().BeEquivalentTo(new QueueStatistics { Queue = Queue, Backlog = default });
        await EnqueueAsync();
        (await Jobs.ListQueuesAsync(Bound)).Should().Contain(Queue);
        (await StatisticsAsync()).Should().BeEquivalentTo(new { EnqueuedTotal = 1L, Backlog = new Backlog(1, 0, Paused: false) });

        async Task ShouldNotBeDeletedAsync(string because)
        {
            (await Jobs.DeleteQueueAsync(Queue, Bound)).Should().BeFalse(because);
            (await Jobs.ListQueuesAsync(Bound)).Should().Contain(Queue);
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public async Task A_job_that_was_cancelled_runs_again_as_if_it_never_had(int bytes)
    {
        var payload = $"\"{new string('x', bytes)}\"";
        var id = await EnqueueAsync(Request(payload, tracked: true) with { Lane = Lane.High });
        var consumer = await OpenAsync();
        var first = await FetchOneAsync(consumer);
        (await Jobs.RerunAsync(id, Bound)).Should().Be(RerunOutcome.NotEnded, "it runs");
        (await Jobs.CancelAsync(id, Bound)).Should().Be(CancelOutcome.Requested);
        await consumer.CancelAsync([first], Bound);

        (await Jobs.RerunAsync(id, Bound)).Should().Be(RerunOutcome.Enqueued);

        (await Jobs.GetJobAsync(id, Bound)).Should().BeEquivalentTo(new { State = JobState.Waiting, Attempt = 1, FinishedAt = (DateTimeOffset?)null });
        (await Jobs.RerunAsync(id, Bound)).Should().Be(RerunOutcome.NotEnded, "it waits");
        var lease = await FetchOneAsync(consumer);
        lease.Job.Should().BeEquivalentTo(new { Id = id, Attempt = 1, Lane = Lane.High });
        lease.Job.Epoch.Should().BeGreaterThan(first.Job.Epoch);
        Text((await consumer.LoadAsync(lease, Bound)).Payload).Should().Be(payload);
        await CompleteAsync(consumer, lease);
        var statistics = await StatisticsAsync();
        statistics.Should().BeEquivalentTo(new { RedrivenTotal = 1L, CancelledTotal = 1L, StoppedTotal = 1L, CompletedTotal = 1L });
        ShouldBalance(statistics);
    }

    [Fact]
    public async Task A_job_that_was_cancelled_while_it_waited_runs_again_and_who_follows_hears_of_it()
    {
        var start = (await Jobs.ReadEventsAsync(Queue, null, 10, TimeSpan.Zero, Bound)).Last;
        var ids = new[] { await EnqueueAsync(Request(tracked: true)), await EnqueueAsync(Request(tracked: true) with { Delay = TimeSpan.FromHours(1) }) };
        foreach (var id in ids)
        {
            await Jobs.CancelAsync(id, Bound);
            (await Jobs.RerunAsync(id, Bound)).Should().Be(RerunOutcome.Enqueued);
        }

        var events = (await Jobs.ReadEventsAsync(Queue, start, 10, TimeSpan.Zero, Bound)).Events;
        events.Where(e => e.Job == ids[0]).Select(e => e.Kind).Should().Equal(JobEventKind.Added, JobEventKind.Cancelled, JobEventKind.Redriven);
        (await FetchAsync(await OpenAsync(), 2)).Select(lease => lease.Job.Id).Should().Equal(ids, "a delay is over when a job runs again");
        ShouldBalance(await StatisticsAsync());
    }

    [Fact]
    public async Task What_is_completed_dead_or_not_known_does_not_run_again_so()
    {
        var ids = new[] { await EnqueueAsync(Request(tracked: true)), await EnqueueAsync(Request(tracked: true)) };
        var consumer = await OpenAsync();
        var leases = await FetchAsync(consumer, 2);
        await CompleteAsync(consumer, leases[0]);
        await consumer.BuryAsync([new JobBurial(leases[1], DeadLetterReasons.Unrecoverable, "no")], Bound);

        foreach (var id in ids)
            (await Jobs.RerunAsync(id, Bound)).Should().Be(RerunOutcome.NotKept);
        foreach (var tracked in new[] { true, false })
            (await Jobs.RerunAsync(JobId.Create(Queue, tracked, TimeProvider.System), Bound)).Should().Be(RerunOutcome.NotFound);
        (await StatisticsAsync()).RedrivenTotal.Should().Be(0);
    }

    [Fact]
    public async Task A_cancelled_job_whose_deduplication_key_another_one_has_stays()
    {
        var request = Request(tracked: true) with { Deduplication = new JobDeduplication("k", UntilDone: true) };
        var id = await EnqueueAsync(request);
        await Jobs.CancelAsync(id, Bound);
        var other = await EnqueueAsync(request);

        (await Jobs.RerunAsync(id, Bound)).Should().Be(RerunOutcome.Duplicate);
        await Jobs.CancelAsync(other, Bound);
        (await Jobs.RerunAsync(id, Bound)).Should().Be(RerunOutcome.Enqueued);
        (await Jobs.EnqueueAsync([request], Bound)).Single().Should().Be(new EnqueuedJob(id, IsDuplicate: true), "it has its key again");
    }

    [Fact]
    public async Task A_cancelled_job_takes_a_slot_of_its_concurrency_key_again()
    {
        var request = Request(tracked: true) with { Concurrency = new JobConcurrency("one", 1) };
        var ids = (await Jobs.EnqueueAsync([request, request], Bound)).Ids();
        await Jobs.CancelAsync(ids[0], Bound);
        (await Jobs.RerunAsync(ids[0], Bound)).Should().Be(RerunOutcome.Enqueued);

        (await StatisticsAsync()).Should().BeEquivalentTo(new { Parked = 1L, Backlog = new Backlog(1, 0, false) });
        var consumer = await OpenAsync();
        foreach (var id in new[] { ids[1], ids[0] })
        {
            var lease = await FetchOneAsync(consumer);
            lease.Job.Id.Should().Be(id);
            await CompleteAsync(consumer, lease);
        }
    }

    [Fact]
    public async Task What_is_kept_of_a_job_that_has_ended_is_deleted_and_one_that_has_not_stays()
    {
        var ids = new List<JobId>();
        for (var i = 0; i < 5; i++)
            ids.Add(await EnqueueAsync(Request(tracked: true)));
        var consumer = await OpenAsync();
        var leases = await FetchAsync(consumer, 3);
        await CompleteAsync(consumer, leases[0]);
        await consumer.BuryAsync([new JobBurial(leases[1], DeadLetterReasons.Unrecoverable, "no")], Bound);
        await Jobs.CancelAsync(ids[3], Bound);

        foreach (var i in new[] { 2, 4 })
            (await Jobs.DeleteJobAsync(ids[i], Bound)).Should().Be(DeleteOutcome.NotEnded);
        foreach (var i in new[] { 0, 1, 3 })
        {
            (await Jobs.DeleteJobAsync(ids[i], Bound)).Should().Be(DeleteOutcome.Deleted);
            (await Jobs.GetJobAsync(ids[i], Bound)).Should().BeNull();
            (await Jobs.DeleteJobAsync(ids[i], Bound)).Should().Be(DeleteOutcome.NotFound);
            (await Jobs.RerunAsync(ids[i], Bound)).Should().Be(RerunOutcome.NotFound);
        }

        (await Jobs.ListDeadLettersAsync(Queue, 0, 10, Bound)).Should().BeEmpty("a dead letter goes with its record");
        (await StatisticsAsync()).Should().BeEquivalentTo(new { Backlog = new Backlog(1, 1, false), DeadLetters = 0L });
    }

    [Fact]
    public async Task An_untracked_dead_letter_is_deleted_too()
    {
        var id = await EnqueueAsync(Request());
        var consumer = await OpenAsync();
        var lease = await FetchOneAsync(consumer);
        (await Jobs.DeleteJobAsync(id, Bound)).Should().Be(DeleteOutcome.NotFound);
        await consumer.BuryAsync([new JobBurial(lease, DeadLetterReasons.Unrecoverable, "no")], Bound);
        (await Jobs.DeleteJobAsync(id, Bound)).Should().Be(DeleteOutcome.Deleted);
        (await Jobs.ListDeadLettersAsync(Queue, 0, 10, Bound)).Should().BeEmpty();
    }
}
