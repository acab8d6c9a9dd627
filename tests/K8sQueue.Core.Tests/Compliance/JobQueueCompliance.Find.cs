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
            ids.Add(await EnqueueAsync(Kept()));
        await EnqueueAsync(Request());
        var consumer = await OpenAsync();
        foreach (var lease in (await FetchAsync(consumer, 5)).Where(lease => lease.Job.Id != ids[2]))
            await consumer.CompleteAsync([new JobCompletion(lease, Bytes("17"))], Bound);
        for (var i = 0; i < 2; i++)
        {
            ids.Add(await EnqueueAsync(Kept()));
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
