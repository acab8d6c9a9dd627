using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;

namespace K8sQueue.Core.Tests.Compliance;

public abstract partial class JobQueueCompliance
{
    [Fact]
    public async Task A_tracked_job_that_waits_is_cancelled_at_once()
    {
        var ids = (await Jobs.EnqueueAsync([Request(tracked: true), Request(tracked: true), Request(tracked: true)], Bound)).Ids();
        var consumer = await OpenAsync();

        (await Jobs.CancelAsync(ids[1], Bound)).Should().Be(CancelOutcome.Cancelled);

        (await StatisticsAsync()).Should().BeEquivalentTo(new { CancelledTotal = 1L, StoppedTotal = 0L, Backlog = new Backlog(2, 0, false) });
        var record = await Jobs.GetJobAsync(ids[1], Bound);
        record.Should().BeEquivalentTo(new { State = JobState.Cancelled, StartedAt = (DateTimeOffset?)null });
        record!.FinishedAt.Should().NotBeNull();
        (await Jobs.CancelAsync(ids[1], Bound)).Should().Be(CancelOutcome.Cancelled, "it may be asked for again");
        (await FetchAsync(consumer, 2)).Select(l => l.Job.Id).Should().Equal(ids[0], ids[2]);
        (await consumer.FetchAsync(1, Bound)).Should().BeEmpty();
        (await StatisticsAsync()).CancelledTotal.Should().Be(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_delayed_job_and_a_parked_one_are_cancelled_at_once(bool tracked)
    {
        var delayed = await EnqueueAsync(Request(tracked: tracked) with { Delay = TimeSpan.FromMilliseconds(100) });
        var limited = Request(tracked: tracked) with { Concurrency = new JobConcurrency("one", 1) };
        var parked = (await Jobs.EnqueueAsync([limited, limited, limited], Bound)).Ids();

        (await Jobs.CancelAsync(delayed, Bound)).Should().Be(CancelOutcome.Cancelled);
        (await Jobs.CancelAsync(parked[1], Bound)).Should().Be(CancelOutcome.Cancelled);

        (await StatisticsAsync()).Should().BeEquivalentTo(new { Delayed = 0L, Parked = 1L, CancelledTotal = 2L, StoppedTotal = 0L });
        var consumer = await OpenAsync();
        foreach (var id in new[] { parked[0], parked[2] })
        {
            var lease = await FetchOneAsync(consumer);
            lease.Job.Id.Should().Be(id);
            await CompleteAsync(consumer, lease);
        }

        (await Jobs.MaintainAsync(Queue, Bound)).Promoted.Should().Be(0);
        ShouldBalance(await StatisticsAsync());
    }

    [Fact]
    public async Task An_untracked_job_that_waits_does_not_start_once_it_is_cancelled()
    {
        var ids = (await Jobs.EnqueueAsync([Request(), Request(), Request(lane: Lane.Low)], Bound)).Ids();
        foreach (var id in new[] { ids[0], ids[2] })
            (await Jobs.CancelAsync(id, Bound)).Should().BeOneOf(CancelOutcome.Cancelled, CancelOutcome.Requested);
        var consumer = await OpenAsync();

        var lease = await FetchOneAsync(consumer);
        lease.Job.Id.Should().Be(ids[1]);
        (await consumer.FetchAsync(5, Bound)).Should().BeEmpty();

        await CompleteAsync(consumer, lease);
        var statistics = await StatisticsAsync();
        statistics.Should().BeEquivalentTo(new { CancelledTotal = 2L, StoppedTotal = 0L, StartedTotal = 1L, Backlog = default(Backlog) });
        ShouldBalance(statistics);
        (await Jobs.CancelAsync(ids[0], Bound)).Should().Be(CancelOutcome.NotFound);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_owner_of_a_running_job_hears_that_it_is_cancelled_and_ends_it(bool tracked)
    {
        var id = await EnqueueAsync(Request(tracked: tracked));
        var other = await EnqueueAsync(Request(tracked: tracked));
        var consumer = await OpenAsync();
        var leases = await FetchAsync(consumer, 2);
        var lease = leases.Single(l => l.Job.Id == id);

        (await Jobs.CancelAsync(id, Bound)).Should().Be(CancelOutcome.Requested);

        await Eventually.IsTrue(() => lease.Cancelled.IsCancellationRequested);
        lease.Lost.IsCancellationRequested.Should().BeFalse();
        leases.Single(l => l.Job.Id == other).Cancelled.IsCancellationRequested.Should().BeFalse();
        (await (await OpenAsync()).CancelAsync([lease], Bound)).Should().Equal([LeaseOutcome.Gone], "it is not that one's");
        (await consumer.CancelAsync([lease], Bound)).Should().Equal(LeaseOutcome.Done);
        (await consumer.CancelAsync([lease], Bound)).Should().Equal(LeaseOutcome.Gone);
        (await CompleteAsync(consumer, lease)).Should().Be(LeaseOutcome.Gone);

        var statistics = await StatisticsAsync();
        statistics.Should().BeEquivalentTo(new { CancelledTotal = 1L, StoppedTotal = 1L, Backlog = new Backlog(0, 1, false) });
        ShouldBalance(statistics);
        if (tracked)
            (await Jobs.GetJobAsync(id, Bound))!.State.Should().Be(JobState.Cancelled);
    }

    [Fact]
    public async Task A_job_that_is_done_all_the_same_is_completed()
    {
        var id = await EnqueueAsync(Request(tracked: true));
        var consumer = await OpenAsync();
        var lease = await FetchOneAsync(consumer);
        await Jobs.CancelAsync(id, Bound);

        (await CompleteAsync(consumer, lease, "1")).Should().Be(LeaseOutcome.Done);

        (await Jobs.GetJobAsync(id, Bound))!.State.Should().Be(JobState.Completed);
        (await Jobs.CancelAsync(id, Bound)).Should().Be(CancelOutcome.NotFound);
        (await StatisticsAsync()).Should().BeEquivalentTo(new { CancelledTotal = 0L, CompletedTotal = 1L });
    }

    [Theory]
    [InlineData("retry")]
    [InlineData("delayed retry")]
    [InlineData("release")]
    public async Task A_cancelled_job_does_not_run_again(string end)
    {
        var id = await EnqueueAsync(Request(tracked: true));
        var consumer = await OpenAsync();
        var lease = await FetchOneAsync(consumer);
        await Jobs.CancelAsync(id, Bound);

        var outcomes = end == "release"
            ? await consumer.ReleaseAsync([lease], Bound)
            : await consumer.RetryAsync([new JobRetry(lease, end == "retry" ? TimeSpan.Zero : TimeSpan.FromMinutes(1), "no")], Bound);

        outcomes.Should().Equal(LeaseOutcome.Done);
        (await Jobs.GetJobAsync(id, Bound))!.State.Should().Be(JobState.Cancelled);
        var statistics = await StatisticsAsync();
        statistics.Should().BeEquivalentTo(new
        {
            CancelledTotal = 1L,
            StoppedTotal = 1L,
            RetriedTotal = 0L,
            ReleasedTotal = 0L,
            Delayed = 0L,
            Backlog = default(Backlog),
        });
        ShouldBalance(statistics);
    }

    [Fact]
    public async Task A_cancelled_job_whose_worker_is_lost_ends_in_place_of_running_again()
    {
        var id = await EnqueueAsync(Request(tracked: true));
        await MaintainUntilAsync(_ => true);
        var lost = await OpenAsync();
        await FetchOneAsync(lost);
        await Jobs.CancelAsync(id, Bound);
        await CrashAsync(lost);
        var recovered = 0;
        await Eventually.IsTrue(async () =>
        {
            recovered += (await Jobs.MaintainAsync(Queue, Bound)).Recovered;
            return (await StatisticsAsync()).CancelledTotal == 1;
        });

        recovered.Should().Be(0);
        (await Jobs.GetJobAsync(id, Bound))!.State.Should().Be(JobState.Cancelled);
        ShouldBalance(await StatisticsAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_cancelled_job_held_of_its_keys_is_free(bool running)
    {
        var request = Request(tracked: true) with { Deduplication = UntilDone, Concurrency = new JobConcurrency("one", 1) };
        var first = await EnqueueAsync(request);
        var next = await EnqueueAsync(Request() with { Concurrency = new JobConcurrency("one", 1) });
        var consumer = await OpenAsync();
        if (running)
        {
            var lease = await FetchOneAsync(consumer);
            await Jobs.CancelAsync(first, Bound);
            await consumer.CancelAsync([lease], Bound);
        }
        else
        {
            await Jobs.CancelAsync(first, Bound);
        }

        (await FetchOneAsync(consumer)).Job.Id.Should().Be(next);
        (await Jobs.EnqueueAsync([request], Bound)).Single().IsDuplicate.Should().BeFalse();
    }

    [Fact]
    public async Task What_has_ended_or_never_was_can_not_be_cancelled()
    {
        (await Jobs.CancelAsync(JobId.Create("nobody-knows-it", tracked: true, TimeProvider.System), Bound)).Should().Be(CancelOutcome.NotFound);
        (await Jobs.CancelAsync(JobId.Create(Queue, tracked: true, TimeProvider.System), Bound)).Should().Be(CancelOutcome.NotFound);
        (await Jobs.CancelAsync(JobId.Create(Queue, tracked: false, TimeProvider.System), Bound)).Should().Be(CancelOutcome.NotFound);
        foreach (var tracked in new[] { true, false })
        {
            var id = await EnqueueAsync(Request(tracked: tracked));
            var consumer = await OpenAsync();
            await EndAsync(consumer, await FetchOneAsync(consumer), "buried");
            (await Jobs.CancelAsync(id, Bound)).Should().Be(CancelOutcome.NotFound);
        }

        (await StatisticsAsync()).Should().BeEquivalentTo(new { CancelledTotal = 0L, DeadLetters = 2L });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_job_that_was_buried_though_it_was_cancelled_can_be_driven_again(bool tracked)
    {
        var id = await EnqueueAsync(Request(tracked: tracked));
        var consumer = await OpenAsync();
        var lease = await FetchOneAsync(consumer);
        await Jobs.CancelAsync(id, Bound);
        await EndAsync(consumer, lease, "buried");

        (await Jobs.RedriveAsync(id, Bound)).Should().Be(RedriveOutcome.Redriven);

        var again = await FetchOneAsync(consumer);
        again.Job.Id.Should().Be(id);
        (await CompleteAsync(consumer, again)).Should().Be(LeaseOutcome.Done);
        (await StatisticsAsync()).CancelledTotal.Should().Be(0);
    }
}
