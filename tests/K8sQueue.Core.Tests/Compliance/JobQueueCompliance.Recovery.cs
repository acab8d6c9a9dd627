using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;

namespace K8sQueue.Core.Tests.Compliance;

public abstract partial class JobQueueCompliance
{
    [Fact]
    public async Task The_jobs_of_a_lost_worker_run_again_with_the_same_attempt_and_a_higher_epoch()
    {
        var id = await EnqueueAsync(Request("work", Lane.Low, tracked: true));
        await MaintainUntilAsync(_ => true);
        var lost = await OpenAsync();
        var lease = await FetchOneAsync(lost);
        await CrashAsync(lost);
        lease.Lost.IsCancellationRequested.Should().BeTrue();

        await MaintainUntilAsync(r => r.Recovered == 1);

        (await Jobs.GetJobAsync(id, Bound)).Should().BeEquivalentTo(new { State = JobState.Waiting, Crashes = 1, Attempt = 1, Epoch = 2L });
        var owner = await OpenAsync();
        var again = await FetchOneAsync(owner);
        again.Job.Should().BeEquivalentTo(new { Id = id, Attempt = 1, Crashes = 1, Epoch = 2L, Lane = Lane.Low });
        again.Lane.Should().Be(Lane.Returned);
        Text(again.Job.Payload).Should().Be("work");
        (await CompleteAsync(owner, again)).Should().Be(LeaseOutcome.Done);
        var statistics = await StatisticsAsync();
        statistics.Should().BeEquivalentTo(new { StartedTotal = 2L, RecoveredTotal = 1L, CompletedTotal = 1L });
        ShouldBalance(statistics);
    }

    [Fact]
    public async Task A_stale_owner_cannot_complete()
    {
        await EnqueueAsync();
        var stale = await OpenAsync();
        var lease = await FetchOneAsync(stale);
        await CrashAsync(stale);
        await MaintainUntilAsync(r => r.Recovered == 1);

        (await CompleteAsync(stale, lease)).Should().Be(LeaseOutcome.Gone);
        (await stale.RetryAsync([new JobRetry(lease, TimeSpan.Zero, "no")], Bound)).Should().Equal(LeaseOutcome.Gone);

        var owner = await OpenAsync();
        var again = await FetchOneAsync(owner);
        (await CompleteAsync(stale, lease)).Should().Be(LeaseOutcome.Gone);
        (await CompleteAsync(owner, again)).Should().Be(LeaseOutcome.Done);
        (await StatisticsAsync()).CompletedTotal.Should().Be(1);
    }

    [Fact]
    public async Task A_live_worker_keeps_its_jobs_however_long_they_run_and_one_that_is_gone_is_forgotten()
    {
        // So long that a live worker is not taken for lost because a busy machine holds up its heartbeat.
        await ReplaceAsync(lease: TimeSpan.FromSeconds(10));
        await EnqueueAsync();
        var here = await OpenAsync();
        var lease = await FetchOneAsync(here);
        await CrashAsync(await OpenAsync());

        var report = await MaintainUntilAsync(r => r.ConsumersRemoved > 0);

        report.Should().Be(new MaintenanceReport(Promoted: 0, Recovered: 0, Buried: 0, ConsumersRemoved: 1));
        (await StatisticsAsync()).Consumers.Should().Be(1);
        (await Jobs.ListConsumersAsync(Queue, 10, Bound)).Should().ContainSingle().Which.Name.Should().Be(here.Name);
        lease.Lost.IsCancellationRequested.Should().BeFalse();
        (await CompleteAsync(here, lease)).Should().Be(LeaseOutcome.Done);
    }

    [Fact]
    public async Task A_job_that_takes_its_worker_with_it_again_and_again_is_a_dead_letter()
    {
        var id = await EnqueueAsync(Request("poison", tracked: true));
        for (var crash = 1; crash <= 3; crash++)
        {
            var consumer = await OpenAsync();
            (await FetchOneAsync(consumer)).Job.Crashes.Should().Be(crash - 1);
            await CrashAsync(consumer);
            await MaintainUntilAsync(r => r.Recovered + r.Buried == 1);
        }

        var letter = (await Jobs.ListDeadLettersAsync(Queue, 0, 10, Bound)).Single();
        letter.Reason.Should().Be(DeadLetterReasons.Poison);
        letter.Job.Should().BeEquivalentTo(new { Id = id, Crashes = 3, Attempt = 1 });
        Text(letter.Job.Payload).Should().Be("poison");
        letter.Error.Should().Contain("3 times");
        (await Jobs.GetJobAsync(id, Bound))!.State.Should().Be(JobState.Dead);
        var statistics = await StatisticsAsync();
        statistics.Should().BeEquivalentTo(new { StartedTotal = 3L, RecoveredTotal = 2L, BuriedTotal = 1L, DeadLetters = 1L });
        ShouldBalance(statistics);
    }

    [Fact]
    public async Task A_buried_job_is_kept_with_its_reason_and_can_be_driven_again()
    {
        var ids = (await Jobs.EnqueueAsync([Request("one", tracked: true), Request("two"), Request("three")], Bound)).Ids();
        var consumer = await OpenAsync();
        var leases = await consumer.FetchAsync(3, Bound);
        foreach (var lease in leases)
        {
            var burial = new JobBurial(lease, DeadLetterReasons.Unrecoverable, $"error of {Text(lease.Job.Payload)}");
            (await consumer.BuryAsync([burial], Bound)).Should().Equal(LeaseOutcome.Done);
        }

        var letters = await Jobs.ListDeadLettersAsync(Queue, 0, 10, Bound);
        letters.Select(l => l.Job.Id).Should().BeEquivalentTo(ids);
        letters.Should().BeInDescendingOrder(l => l.BuriedAt);
        letters.Single(l => l.Job.Id == ids[0]).Should().BeEquivalentTo(new { Reason = DeadLetterReasons.Unrecoverable, Error = "error of one" });
        (await Jobs.ListDeadLettersAsync(Queue, 1, 1, Bound)).Single().Job.Id.Should().Be(letters[1].Job.Id);
        (await Jobs.GetJobAsync(ids[0], Bound)).Should().BeEquivalentTo(new { State = JobState.Dead, Error = "error of one" });

        (await Jobs.RedriveAsync(ids[0], Bound)).Should().Be(RedriveOutcome.Redriven);
        (await Jobs.RedriveAsync(ids[0], Bound)).Should().Be(RedriveOutcome.NotFound);
        (await Jobs.GetJobAsync(ids[0], Bound)).Should().BeEquivalentTo(new { State = JobState.Waiting, FinishedAt = (DateTimeOffset?)null });
        var again = await FetchOneAsync(consumer);
        again.Job.Should().BeEquivalentTo(new { Id = ids[0], Attempt = 1, Crashes = 0, Epoch = 2L });
        (await CompleteAsync(consumer, again)).Should().Be(LeaseOutcome.Done);
        var statistics = await StatisticsAsync();
        statistics.Should().BeEquivalentTo(new { DeadLetters = 2L, RedrivenTotal = 1L, StartedTotal = 4L });
        ShouldBalance(statistics);
    }

    [Fact]
    public async Task A_tracked_jobs_record_tells_its_story()
    {
        var id = await EnqueueAsync(Request(tracked: true) with { Type = "report.make" });
        (await Jobs.GetJobAsync(id, Bound)).Should().BeEquivalentTo(
            new { Id = id, Type = "report.make", State = JobState.Waiting, Attempt = 1, MaxAttempts = 5, Epoch = 1L });
        var consumer = await OpenAsync();
        var lease = await FetchOneAsync(consumer);
        var running = await Jobs.GetJobAsync(id, Bound);
        running.Should().BeEquivalentTo(new { State = JobState.Running, Consumer = consumer.Name, FinishedAt = (DateTimeOffset?)null });
        running!.StartedAt.Should().NotBeNull();

        await CompleteAsync(consumer, lease, """{"pages":3}""");

        var done = await Jobs.GetJobAsync(id, Bound);
        done!.State.Should().Be(JobState.Completed);
        Text(done.Result).Should().Be("""{"pages":3}""");
        done.FinishedAt.Should().BeOnOrAfter(done.StartedAt!.Value);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_record_of_a_job_that_has_ended_expires(bool completed)
    {
        await ReplaceAsync(completedRetention: TimeSpan.FromSeconds(1));
        var id = await EnqueueAsync(Request(tracked: true));
        if (completed)
        {
            var consumer = await OpenAsync();
            await CompleteAsync(consumer, await FetchOneAsync(consumer));
        }
        else
        {
            await Jobs.CancelAsync(id, Bound);
        }

        await Eventually.IsTrue(async () => await Jobs.GetJobAsync(id, Bound) is null);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task A_job_that_answers_nothing_has_no_result(string? answer)
    {
        var id = await EnqueueAsync(Request(tracked: true));
        var consumer = await OpenAsync();
        (await Jobs.GetJobAsync(id, Bound))!.Result.HasValue.Should().BeFalse();

        await CompleteAsync(consumer, await FetchOneAsync(consumer), answer);

        var done = await Jobs.GetJobAsync(id, Bound);
        done!.State.Should().Be(JobState.Completed);
        done.Result.HasValue.Should().BeFalse();
    }

    [Fact]
    public async Task Jobs_without_a_record_have_none()
    {
        (await Jobs.GetJobAsync(await EnqueueAsync(), Bound)).Should().BeNull();
        (await Jobs.GetJobAsync(JobId.Create(Queue, tracked: true, TimeProvider.System), Bound)).Should().BeNull();
    }

    [Fact]
    public async Task Statistics_show_the_age_of_the_oldest_job()
    {
        (await StatisticsAsync()).OldestAge.Should().BeNull();
        await EnqueueAsync();
        await Eventually.IsTrue(async () => (await StatisticsAsync()).OldestAge > TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public async Task A_delay_does_not_age_a_job()
    {
        var accepted = TimeProvider.System.GetTimestamp();
        await EnqueueAsync(Request() with { Delay = TimeSpan.FromSeconds(2) });
        (await StatisticsAsync()).OldestAge.Should().BeNull();
        await MaintainUntilAsync(r => r.Promoted == 1);

        var age = (await StatisticsAsync()).OldestAge;

        age.Should().BeLessThan(TimeProvider.System.GetElapsedTime(accepted) - TimeSpan.FromSeconds(1.5));
    }
}
