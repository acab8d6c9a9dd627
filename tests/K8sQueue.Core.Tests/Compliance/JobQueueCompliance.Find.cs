using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Tests.Compliance;

public abstract partial class JobQueueCompliance
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Jobs_that_wait_and_that_run_are_found_in_the_order_of_the_lanes_page_by_page(bool tracked)
    {
        var requests = new[] { Lane.Low, Lane.Normal, Lane.High, Lane.Normal, Lane.High, Lane.Low, Lane.Normal }.Select(lane => Request(lane: lane, tracked: tracked));
        var ids = (await Jobs.EnqueueAsync([.. requests], Bound)).Ids();
        var waiting = new[] { 2, 4, 1, 3, 6, 0, 5 }.Select(i => ids[i]).ToArray();
        (await FindAsync(new JobFilter(JobState.Waiting), page: 2)).Select(job => job.Id).Should().Equal(waiting);
        (await FindAsync(new JobFilter(JobState.Running), page: 2)).Should().BeEmpty();

        await FetchAsync(await OpenAsync(), 3);

        var running = await FindAsync(new JobFilter(JobState.Running), page: 2);
        running.Select(job => job.Id).Should().BeEquivalentTo(waiting[..3]);
        running.Should().OnlyContain(job => job.State == JobState.Running && job.Type == "test.job" && job.Attempt == 1);
        running.Should().OnlyContain(job => (job.StartedAt != null) == tracked);
        (await FindAsync(new JobFilter(JobState.Waiting), page: 3)).Select(job => job.Id).Should().Equal(waiting[3..]);
    }

    [Fact]
    public async Task Delayed_jobs_are_found_by_their_times_though_many_have_the_same()
    {
        var minute = Request() with { Delay = TimeSpan.FromMinutes(1) };
        var many = (await Jobs.EnqueueAsync([.. Enumerable.Repeat(minute, 20)], Bound)).Ids();
        var soon = await EnqueueAsync(minute with { Delay = TimeSpan.FromSeconds(30) });

        var found = await FindAsync(new JobFilter(JobState.Delayed), page: 3);

        found.Should().HaveCount(21);
        found[0].Id.Should().Be(soon);
        found.Skip(1).Select(job => job.Id).Should().BeEquivalentTo(many);
        found.Select(job => job.DueAt).Should().BeInAscendingOrder();
        found[0].DueAt.Should().BeCloseTo(TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Parked_jobs_and_dead_letters_are_found()
    {
        var request = Request(tracked: true) with { Concurrency = new JobConcurrency("one", 1) };
        var ids = (await Jobs.EnqueueAsync([request, request, request], Bound)).Ids();
        (await FindAsync(new JobFilter(JobState.Parked), page: 1)).Select(job => job.Id).Should().BeEquivalentTo(ids.Skip(1));
        var consumer = await OpenAsync();
        var buried = new List<JobId>();
        for (var i = 0; i < 3; i++)
        {
            var lease = await FetchOneAsync(consumer);
            buried.Add(lease.Job.Id);
            await consumer.BuryAsync([new JobBurial(lease, DeadLetterReasons.Unrecoverable, "no")], Bound);
        }

        var dead = await FindAsync(new JobFilter(JobState.Dead), page: 2);

        dead.Select(job => job.Id).Should().BeEquivalentTo(buried);
        dead.Select(job => job.FinishedAt).Should().BeInDescendingOrder();
        dead.Should().OnlyContain(job => job.Error == "no" && job.FinishedAt != null);
    }

    [Fact]
    public async Task Completed_and_cancelled_jobs_are_found_newest_first_and_each_once()
    {
        var ids = new List<JobId>();
        for (var i = 0; i < 4; i++)
            ids.Add(await EnqueueAsync(Request(tracked: true)));
        await EnqueueAsync(Request());
        var consumer = await OpenAsync();
        foreach (var lease in (await FetchAsync(consumer, 5)).Where(lease => lease.Job.Id != ids[2]))
            await consumer.CompleteAsync([new JobCompletion(lease, Bytes("17"))], Bound);
        for (var i = 0; i < 2; i++)
        {
            ids.Add(await EnqueueAsync(Request(tracked: true)));
            await Jobs.CancelAsync(ids[^1], Bound);
            await Jobs.RerunAsync(ids[^1], Bound);
            await Jobs.CancelAsync(ids[^1], Bound);
        }

        var completed = await FindAsync(new JobFilter(JobState.Completed), page: 1);
        var cancelled = await FindAsync(new JobFilter(JobState.Cancelled), page: 10);

        completed.Select(job => job.Id).Should().BeEquivalentTo([ids[0], ids[1], ids[3]]);
        completed.Select(job => job.FinishedAt).Should().BeInDescendingOrder();
        completed.Should().OnlyContain(job => !job.Result.HasValue && job.State == JobState.Completed && job.StartedAt != null);
        cancelled.Select(job => job.Id).Should().BeEquivalentTo([ids[5], ids[4]]);
        cancelled.Select(job => job.FinishedAt).Should().BeInDescendingOrder();
    }

    [Fact]
    public async Task Type_and_tag_are_looked_for_in_bounded_steps()
    {
        var requests = Enumerable.Range(0, 600).Select(i => Request() with
        {
            Type = i % 2 == 0 ? "even" : "odd",
            Tags = i % 300 == 0 ? ["rare", "with:colon,and|more"] : ["common"],
        });
        var ids = (await Jobs.EnqueueAsync([.. requests], Bound)).Ids();

        (await FindAsync(new JobFilter(JobState.Waiting) { Type = "even" }, page: 100)).Select(job => job.Id).Should().Equal(ids.Where((_, i) => i % 2 == 0));
        (await FindAsync(new JobFilter(JobState.Waiting) { Tag = "with:colon,and|more" }, page: 100)).Select(job => job.Id).Should().Equal(ids[0], ids[300]);
        (await FindAsync(new JobFilter(JobState.Waiting) { Type = "odd", Tag = "rare" }, page: 100)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_page_goes_on_though_the_job_where_it_ended_has_gone()
    {
        var delayed = (await Jobs.EnqueueAsync([.. Enumerable.Repeat(Request() with { Delay = TimeSpan.FromMinutes(1) }, 6)], Bound)).Ids();
        var first = await Jobs.FindJobsAsync(Queue, new JobFilter(JobState.Delayed), after: null, 2, Bound);
        await Jobs.CancelAsync(first.Jobs[1].Id, Bound);
        var found = first.Jobs.Concat((await Jobs.FindJobsAsync(Queue, new JobFilter(JobState.Delayed), first.Next, 10, Bound)).Jobs).Select(job => job.Id).ToArray();
        found.Should().OnlyHaveUniqueItems();
        found.Length.Should().BeInRange(5, 6, "a backend that counts may leave one out");
        found.Should().BeSubsetOf(delayed);
    }

    [Fact]
    public async Task Those_before_a_time_were_enqueued_or_have_ended_by_then()
    {
        var early = await EnqueueAsync(Request(tracked: true));
        var ended = await EnqueueAsync(Request(tracked: true));
        await Jobs.CancelAsync(ended, Bound);
        var time = (await Jobs.GetJobAsync(ended, Bound))!.FinishedAt!.Value + TimeSpan.FromMilliseconds(1);
        await PassAsync(time);
        var late = await EnqueueAsync(Request(tracked: true));
        var lateToEnd = await EnqueueAsync(Request(tracked: true));
        await Jobs.CancelAsync(lateToEnd, Bound);

        (await FindAsync(new JobFilter(JobState.Waiting) { Before = time }, page: 10)).Select(job => job.Id).Should().Equal(early);
        (await FindAsync(new JobFilter(JobState.Waiting), page: 10)).Select(job => job.Id).Should().Equal(early, late);
        (await FindAsync(new JobFilter(JobState.Cancelled) { Before = time }, page: 10)).Select(job => job.Id).Should().Equal(ended);
        (await FindAsync(new JobFilter(JobState.Cancelled), page: 10)).Select(job => job.Id).Should().Equal(lateToEnd, ended);
    }

    [Fact]
    public async Task All_that_fit_are_cancelled_run_again_and_are_deleted_part_by_part()
    {
        var requests = Enumerable.Range(0, 260).Select(i => Request(tracked: true) with { Type = i % 2 == 0 ? "even" : "odd" });
        var ids = (await Jobs.EnqueueAsync([.. requests], Bound)).Ids();
        var even = ids.Where((_, i) => i % 2 == 0).ToArray();

        (await ActOnAllAsync(JobAction.Cancel, new JobFilter(JobState.Waiting) { Type = "even" }, limit: 50)).Should().Be(new JobActionResult(130, 0, 0));
        (await FindAsync(new JobFilter(JobState.Waiting), page: 100)).Select(job => job.Id).Should().Equal(ids.Except(even));
        (await ActOnAllAsync(JobAction.Retry, new JobFilter(JobState.Cancelled), limit: 130)).Should().Be(new JobActionResult(130, 0, 0));
        (await FindAsync(new JobFilter(JobState.Waiting), page: 100)).Select(job => job.Id).Should().BeEquivalentTo(ids);

        var consumer = await OpenAsync();
        var leases = await FetchAsync(consumer, 3);
        await consumer.CompleteAsync([new JobCompletion(leases[0])], Bound);
        (await ActOnAllAsync(JobAction.Cancel, new JobFilter(JobState.Running), limit: 1)).Should().Be(new JobActionResult(0, 2, 0));
        (await ActOnAllAsync(JobAction.Delete, new JobFilter(JobState.Completed), limit: 10)).Should().Be(new JobActionResult(1, 0, 0));
        (await Jobs.ActAsync(JobAction.Delete, JobState.Completed, [leases[0].Job.Id, leases[1].Job.Id], Bound)).Should().Be(new JobActionResult(0, 0, 2));
    }

    [Fact]
    public async Task Dead_letters_run_again_in_the_order_in_which_they_were_buried()
    {
        var ids = (await Jobs.EnqueueAsync([.. Enumerable.Repeat(Request(), 3)], Bound)).Ids();
        var consumer = await OpenAsync();
        foreach (var lease in await FetchAsync(consumer, 3))
        {
            // Those that are buried in one millisecond have no order.
            await PassAsync(await BuryAsync(lease));
        }

        (await ActOnAllAsync(JobAction.Retry, new JobFilter(JobState.Dead), limit: 10)).Should().Be(new JobActionResult(3, 0, 0));

        (await FetchAsync(consumer, 3)).Select(lease => lease.Job.Id).Should().Equal(ids);

        async Task<DateTimeOffset> BuryAsync(JobLease lease)
        {
            await consumer.BuryAsync([new JobBurial(lease, DeadLetterReasons.Unrecoverable, "no")], Bound);
            return (await Jobs.GetDeadLetterAsync(lease.Job.Id, Bound))!.BuriedAt;
        }
    }

    private static Task PassAsync(DateTimeOffset time) =>
        Testing.Eventually.IsTrue(() => TimeProvider.System.GetUtcNow() > time + TimeSpan.FromMilliseconds(5));

    private async Task<JobActionResult> ActOnAllAsync(JobAction action, JobFilter filter, int limit)
    {
        var total = default(JobActionResult);
        string? after = null;
        do
        {
            var selected = await Jobs.SelectJobsAsync(Queue, filter, after, limit, Bound);
            selected.Ids.Count.Should().BeLessThanOrEqualTo(limit);
            total = total.Plus(await Jobs.ActAsync(action, filter.State, selected.Ids, Bound));
            after = selected.Next;
        }
        while (after is not null);
        return total;
    }

    [Fact]
    public async Task A_place_that_is_none_is_refused_and_an_empty_queue_has_no_jobs()
    {
        foreach (var state in Enum.GetValues<JobState>())
            (await FindAsync(new JobFilter(state), page: 1)).Should().BeEmpty();
        await EnqueueAsync();
        foreach (var state in Enum.GetValues<JobState>())
        {
            foreach (var place in new[] { "", "x", "1:2:3", "-1", "9:1-1", "1-1 ", "+" })
            {
                var find = async () => await Jobs.FindJobsAsync(Queue, new JobFilter(state), place, 1, Bound);
                await find.Should().ThrowAsync<ArgumentException>();
            }
        }
    }

    private async Task<IReadOnlyList<JobSnapshot>> FindAsync(JobFilter filter, int page)
    {
        var found = new List<JobSnapshot>();
        string? after = null;
        do
        {
            var jobs = await Jobs.FindJobsAsync(Queue, filter, after, page, Bound);
            jobs.Jobs.Count.Should().BeLessThanOrEqualTo(page);
            found.AddRange(jobs.Jobs);
            after = jobs.Next;
        }
        while (after is not null);
        return found;
    }
}
