using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Tests.Compliance;

public abstract partial class JobQueueCompliance
{
    [Fact]
    public async Task A_job_is_completed_once()
    {
        await EnqueueAsync();
        var consumer = await OpenAsync();
        var lease = await FetchOneAsync(consumer);

        (await CompleteAsync(consumer, lease)).Should().Be(LeaseOutcome.Done);
        (await CompleteAsync(consumer, lease)).Should().Be(LeaseOutcome.Gone);

        var statistics = await StatisticsAsync();
        statistics.CompletedTotal.Should().Be(1);
        statistics.Backlog.Demand.Should().Be(0);
        ShouldBalance(statistics);
    }

    [Fact]
    public async Task A_consumer_cannot_end_what_another_one_owns()
    {
        await EnqueueAsync();
        var owner = await OpenAsync();
        var other = await OpenAsync();
        var lease = await FetchOneAsync(owner);

        (await CompleteAsync(other, lease)).Should().Be(LeaseOutcome.Gone);
        (await other.ReleaseAsync([lease], Bound)).Should().Equal(LeaseOutcome.Gone);
        (await other.RetryAsync([new JobRetry(lease, TimeSpan.Zero, "no")], Bound)).Should().Equal(LeaseOutcome.Gone);
        (await other.BuryAsync([new JobBurial(lease, DeadLetterReasons.Unrecoverable, "no")], Bound)).Should().Equal(LeaseOutcome.Gone);

        (await CompleteAsync(owner, lease)).Should().Be(LeaseOutcome.Done);
    }

    [Fact]
    public async Task Outcomes_answer_in_the_order_of_the_leases()
    {
        var lanes = new[] { Lane.Low, Lane.High, Lane.Normal };
        await Jobs.EnqueueAsync([.. Enumerable.Range(0, 30).Select(i => Request($"{i}", lanes[i % 3]))], Bound);
        var consumer = await OpenAsync();
        var leases = new List<JobLease>();
        while (leases.Count < 30)
            leases.AddRange(await consumer.FetchAsync(30, Bound));
        var shuffled = leases.OrderBy(l => l.Job.Id.Value[^3..], StringComparer.Ordinal).ToArray();
        var early = shuffled.Where((_, i) => i % 3 == 1).ToArray();
        (await consumer.CompleteAsync([.. early.Select(l => new JobCompletion(l))], Bound))
            .Should().AllBeEquivalentTo(LeaseOutcome.Done);

        var outcomes = await consumer.CompleteAsync([.. shuffled.Select(l => new JobCompletion(l))], Bound);

        outcomes.Select(o => o == LeaseOutcome.Gone).Should().Equal(shuffled.Select(early.Contains));
    }

    [Fact]
    public async Task A_retried_job_runs_again_after_its_delay_as_the_next_attempt()
    {
        var id = await EnqueueAsync(Request("again", Lane.Low, tracked: true));
        var consumer = await OpenAsync();
        var first = await FetchOneAsync(consumer);

        var outcomes = await consumer.RetryAsync([new JobRetry(first, TimeSpan.FromMilliseconds(5), "it broke")], Bound);

        outcomes.Should().Equal(LeaseOutcome.Done);
        await MaintainUntilAsync(r => r.Promoted == 1);
        var second = await FetchOneAsync(consumer);
        second.Job.Should().BeEquivalentTo(new { Id = id, Attempt = 2, Crashes = 0, Epoch = 2L, Lane = Lane.Low });
        Text(second.Job.Payload).Should().Be("again");
        second.Lane.Should().Be(Lane.Low);
        (await CompleteAsync(consumer, first)).Should().Be(LeaseOutcome.Gone);
        (await CompleteAsync(consumer, second)).Should().Be(LeaseOutcome.Done);
        ShouldBalance(await StatisticsAsync());
    }

    [Fact]
    public async Task A_retried_job_is_no_demand_until_its_delay_is_over()
    {
        var id = await EnqueueAsync(Request(tracked: true));
        var consumer = await OpenAsync();

        var outcomes = await consumer.RetryAsync([new JobRetry(await FetchOneAsync(consumer), TimeSpan.FromHours(1), "it broke")], Bound);

        outcomes.Should().Equal(LeaseOutcome.Done);
        (await Jobs.MaintainAsync(Queue, Bound)).Promoted.Should().Be(0);
        (await StatisticsAsync()).Should().BeEquivalentTo(new { Delayed = 1L, Backlog = default(Backlog) });
        (await Jobs.GetJobAsync(id, Bound)).Should().BeEquivalentTo(new { State = JobState.Delayed, Attempt = 2, Error = "it broke" });
    }

    [Fact]
    public async Task A_retry_without_delay_needs_no_housekeeping()
    {
        await EnqueueAsync();
        var consumer = await OpenAsync();
        await consumer.RetryAsync([new JobRetry(await FetchOneAsync(consumer), TimeSpan.Zero, "now")], Bound);

        (await FetchOneAsync(consumer)).Job.Attempt.Should().Be(2);
    }

    [Fact]
    public async Task A_released_job_is_first_in_line_and_uses_up_no_attempt()
    {
        var ids = (await Jobs.EnqueueAsync([Request("first", Lane.Low), Request("second", Lane.High)], Bound)).Ids();
        var consumer = await OpenAsync();
        var leases = await consumer.FetchAsync(2, Bound);
        var low = leases.Single(l => l.Job.Id == ids[0]);

        (await consumer.ReleaseAsync([low], Bound)).Should().Equal(LeaseOutcome.Done);
        await EnqueueAsync(Request("third", Lane.High));

        var again = await FetchOneAsync(await OpenAsync());
        again.Job.Should().BeEquivalentTo(new { Id = ids[0], Attempt = 1, Crashes = 0, Epoch = 2L, Lane = Lane.Low });
        again.Lane.Should().Be(Lane.Returned);
        (await CompleteAsync(consumer, low)).Should().Be(LeaseOutcome.Gone);
        ShouldBalance(await StatisticsAsync());
    }

    [Fact]
    public async Task A_delayed_job_waits_for_its_time()
    {
        var id = await EnqueueAsync(Request(tracked: true) with { Delay = TimeSpan.FromMilliseconds(300) });
        (await Jobs.GetJobAsync(id, Bound))!.State.Should().Be(JobState.Delayed);
        var consumer = await OpenAsync();
        (await consumer.FetchAsync(1, Bound)).Should().BeEmpty();

        await MaintainUntilAsync(r => r.Promoted == 1);

        (await Jobs.GetJobAsync(id, Bound))!.State.Should().Be(JobState.Waiting);
        (await FetchOneAsync(consumer)).Job.Should().BeEquivalentTo(new { Id = id, Attempt = 1, Epoch = 1L });
    }
}
