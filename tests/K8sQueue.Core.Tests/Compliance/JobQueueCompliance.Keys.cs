using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Tests.Compliance;

public abstract partial class JobQueueCompliance
{
    private static readonly JobDeduplication UntilDone = new("order 7, paid; 100%", UntilDone: true);

    [Fact]
    public async Task A_request_with_a_fingerprint_is_known_again_by_the_id_of_the_job_that_has_its_key()
    {
        var request = Request(tracked: true) with { Deduplication = new JobDeduplication("k", TimeSpan.FromHours(1)), Fingerprint = new UInt128(1, 2) };
        var all = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Jobs.EnqueueAsync([request], Bound).AsTask()));
        var other = (await Jobs.EnqueueAsync([request with { Fingerprint = new UInt128(1, 4) }], Bound)).Single();

        var answers = all.Select(answer => answer.Single()).Append(other).ToArray();

        answers.Count(answer => !answer.IsDuplicate).Should().Be(1);
        answers.Select(answer => answer.Id).Distinct().Should().ContainSingle();
        other.Id.HasFingerprint(new UInt128(1, 2)).Should().BeTrue();
        other.Id.HasFingerprint(new UInt128(1, 4)).Should().BeFalse();
        (await Jobs.GetStatisticsAsync(Queue, Bound)).Backlog.Waiting.Should().Be(1);
    }

    [Fact]
    public async Task A_second_job_of_a_key_is_left_out_within_its_window()
    {
        var request = Request(tracked: true) with { Deduplication = new JobDeduplication("invoice:7", TimeSpan.FromMilliseconds(300)) };
        var first = (await Jobs.EnqueueAsync([request, Request(), request], Bound)).ToList();

        first[0].IsDuplicate.Should().BeFalse();
        first[1].IsDuplicate.Should().BeFalse();
        first[2].Should().Be(new EnqueuedJob(first[0].Id, IsDuplicate: true));
        (await StatisticsAsync()).Should().BeEquivalentTo(new { EnqueuedTotal = 2L, Backlog = new Backlog(2, 0, false) });
        (await Jobs.GetJobAsync(first[0], Bound))!.Traits!.Deduplication.Should().Be(request.Deduplication);

        await Testing.Eventually.IsTrue(async () => !(await Jobs.EnqueueAsync([request], Bound)).Single().IsDuplicate);
    }

    [Theory]
    [InlineData("completed")]
    [InlineData("buried")]
    public async Task A_unique_job_keeps_its_key_until_it_is_done(string end)
    {
        var request = Request() with { Deduplication = UntilDone };
        var first = (await Jobs.EnqueueAsync([request], Bound)).Single();
        var consumer = await OpenAsync();
        await consumer.RetryAsync([new JobRetry(await FetchOneAsync(consumer), TimeSpan.Zero, "again")], Bound);
        await consumer.ReleaseAsync([await FetchOneAsync(consumer)], Bound);
        var lease = await FetchOneAsync(consumer);
        (await Jobs.EnqueueAsync([request], Bound)).Single().Should().Be(new EnqueuedJob(first.Id, IsDuplicate: true));

        await EndAsync(consumer, lease, end);

        (await Jobs.EnqueueAsync([request], Bound)).Single().IsDuplicate.Should().BeFalse();
    }

    [Fact]
    public async Task A_dead_letter_does_not_run_again_beside_a_job_that_has_its_key()
    {
        var request = Request() with { Deduplication = UntilDone };
        var dead = await EnqueueAsync(request);
        var consumer = await OpenAsync();
        await EndAsync(consumer, await FetchOneAsync(consumer), "buried");
        await EnqueueAsync(request);

        (await Jobs.RedriveAsync(dead, Bound)).Should().Be(RedriveOutcome.Duplicate);
        (await Jobs.ListDeadLettersAsync(Queue, 0, 10, Bound)).Should().ContainSingle();

        await CompleteAsync(consumer, await FetchOneAsync(consumer));
        (await Jobs.RedriveAsync(dead, Bound)).Should().Be(RedriveOutcome.Redriven);
        (await Jobs.EnqueueAsync([request], Bound)).Single().Should().Be(new EnqueuedJob(dead, IsDuplicate: true));
    }

    [Fact]
    public async Task Jobs_of_a_key_run_as_many_at_once_as_it_allows_and_in_their_order()
    {
        var limited = Request(tracked: true) with { Concurrency = new JobConcurrency("tenant a,1=2;3", 2) };
        var ids = (await Jobs.EnqueueAsync([.. Enumerable.Repeat(limited, 5)], Bound)).Select(j => j.Id).ToList();
        var other = await EnqueueAsync(Request() with { Concurrency = new JobConcurrency("tenant b", 2) });
        (await StatisticsAsync()).Should().BeEquivalentTo(new { Parked = 3L, Backlog = new Backlog(3, 0, false) }, "parked jobs are no demand");
        (await Jobs.GetJobAsync(ids[2], Bound))!.State.Should().Be(JobState.Parked);

        var consumer = await OpenAsync();
        var leases = await FetchAsync(consumer, 3);
        leases.Select(l => l.Job.Id).Should().BeEquivalentTo([ids[0], ids[1], other]);
        (await consumer.FetchAsync(5, Bound)).Should().BeEmpty();

        await EndAsync(consumer, leases.Single(l => l.Job.Id == ids[1]), "completed");
        var third = await FetchOneAsync(consumer);
        third.Job.Id.Should().Be(ids[2]);
        third.Job.Traits!.Concurrency.Should().Be(limited.Concurrency);
        await EndAsync(consumer, third, "buried");
        var fourth = await FetchOneAsync(consumer);
        fourth.Job.Id.Should().Be(ids[3]);
        await EndAsync(consumer, fourth, "completed");
        (await FetchOneAsync(consumer)).Job.Id.Should().Be(ids[4]);
        (await StatisticsAsync()).Parked.Should().Be(0);
    }

    [Fact]
    public async Task A_job_that_is_cancelled_while_it_waits_for_a_slot_lets_in_the_next_one_that_has_room()
    {
        var running = (await Jobs.EnqueueAsync([.. Enumerable.Repeat(OfLimit(5), 5)], Bound)).Count;
        var first = await EnqueueAsync(OfLimit(1));
        var next = await EnqueueAsync(OfLimit(5));
        var consumer = await OpenAsync();
        var leases = await FetchAsync(consumer, running);
        await EndAsync(consumer, leases[0], "completed");
        (await StatisticsAsync()).Parked.Should().Be(2, "the first of them has no room, and the other one stands behind it");

        (await Jobs.CancelAsync(first, Bound)).Should().Be(CancelOutcome.Cancelled);

        (await FetchOneAsync(consumer)).Job.Id.Should().Be(next);
        (await StatisticsAsync()).Should().BeEquivalentTo(new { Parked = 0L, CancelledTotal = 1L });

        JobRequest OfLimit(int limit) => Request() with { Concurrency = new JobConcurrency("one", limit) };
    }

    [Fact]
    public async Task A_job_that_has_room_waits_behind_those_of_its_key_that_came_first()
    {
        var (leased, ended) = (new Queue<JobLease>(), new List<JobId>());
        var consumer = await OpenAsync();
        await EnqueueAsync(OfLimit(2));
        await EnqueueAsync(OfLimit(2));
        var first = await EnqueueAsync(OfLimit(1));
        for (var i = 0; i < 5; i++)
        {
            // Always more of them than end.
            await EnqueueAsync(OfLimit(9));
            foreach (var lease in await consumer.FetchAsync(10, Bound))
                leased.Enqueue(lease);
            ended.Add(leased.Peek().Job.Id);
            await EndAsync(consumer, leased.Dequeue(), "completed");
        }

        ended.Should().Contain(first);

        JobRequest OfLimit(int limit) => Request() with { Concurrency = new JobConcurrency("one", limit) };
    }

    [Fact]
    public async Task A_job_keeps_its_slot_while_it_is_handed_back_and_gives_it_up_for_a_delay()
    {
        var limited = Request() with { Concurrency = new JobConcurrency("one", 1) };
        var ids = (await Jobs.EnqueueAsync([limited, limited], Bound)).Select(j => j.Id).ToList();
        var consumer = await OpenAsync();
        await consumer.ReleaseAsync([await FetchOneAsync(consumer)], Bound);
        var first = await FetchOneAsync(consumer);
        first.Job.Id.Should().Be(ids[0], "its slot was never free");

        await consumer.RetryAsync([new JobRetry(first, TimeSpan.FromMilliseconds(50), "later")], Bound);
        var second = await FetchOneAsync(consumer);
        second.Job.Id.Should().Be(ids[1]);
        await MaintainUntilAsync(r => r.Promoted == 1);
        (await StatisticsAsync()).Parked.Should().Be(1, "the other one has the slot now");

        await EndAsync(consumer, second, "completed");
        (await FetchOneAsync(consumer)).Job.Should().BeEquivalentTo(new { Id = ids[0], Attempt = 2 });
    }

    [Fact]
    public async Task The_slot_of_a_lost_worker_stays_with_its_job()
    {
        var limited = Request() with { Concurrency = new JobConcurrency("one", 1) };
        var ids = (await Jobs.EnqueueAsync([limited, limited], Bound)).Select(j => j.Id).ToList();
        var lost = await OpenAsync();
        await FetchOneAsync(lost);
        await CrashAsync(lost);
        await MaintainUntilAsync(r => r.Recovered == 1);

        var consumer = await OpenAsync();
        var again = await FetchOneAsync(consumer);
        again.Job.Id.Should().Be(ids[0]);
        (await consumer.FetchAsync(1, Bound)).Should().BeEmpty();
        await EndAsync(consumer, again, "completed");
        (await FetchOneAsync(consumer)).Job.Id.Should().Be(ids[1]);
    }

    [Fact]
    public async Task A_job_has_its_tags_and_its_record_its_own_retention()
    {
        await ReplaceAsync(completedRetention: TimeSpan.FromSeconds(1));
        var request = Request(tracked: true) with { Tags = ["vip", "größe|1,2;3"], Retention = TimeSpan.FromMinutes(5) };
        var gone = Request(tracked: true) with { Retention = TimeSpan.Zero };
        var ids = (await Jobs.EnqueueAsync([request, gone], Bound)).Select(j => j.Id).ToList();
        var consumer = await OpenAsync();
        var leases = await FetchAsync(consumer, 2);
        leases.Single(l => l.Job.Id == ids[0]).Job.Traits!.Tags.Should().Equal(request.Tags);
        await consumer.CompleteAsync([.. leases.Select(l => new JobCompletion(l, Bytes("1")))], Bound);

        (await Jobs.GetJobAsync(ids[1], Bound)).Should().BeNull("its record was to be kept for no time");
        var plain = await EnqueueAsync(Request(tracked: true));
        await CompleteAsync(consumer, await FetchOneAsync(consumer));
        await Testing.Eventually.IsTrue(async () => await Jobs.GetJobAsync(plain, Bound) is null);
        var record = await Jobs.GetJobAsync(ids[0], Bound);
        record.Should().BeEquivalentTo(new { State = JobState.Completed });
        record!.Traits!.Tags.Should().Equal(request.Tags);
        Text(record.Result).Should().Be("1");
    }

    [Fact]
    public async Task Invalid_traits_are_refused()
    {
        JobRequest[] invalid =
        [
            Request() with { Deduplication = new JobDeduplication("key") },
            Request() with { Deduplication = new JobDeduplication(" ", UntilDone: true) },
            Request() with { Deduplication = new JobDeduplication("key", TimeSpan.Zero) },
            Request() with { Concurrency = new JobConcurrency(new string('k', 257), 1) },
            Request() with { Concurrency = new JobConcurrency("key", 0) },
            Request() with { Tags = [.. Enumerable.Repeat("t", 17)] },
            Request() with { Tags = ["a\nb"] },
            Request() with { Retention = TimeSpan.FromDays(366) },
            Request() with { Retry = new RetryPolicy { Backoff = BackoffKind.Custom } },
        ];

        foreach (var request in invalid)
            await FluentActions.Awaiting(() => Jobs.EnqueueAsync([request], Bound).AsTask()).Should().ThrowAsync<ArgumentException>();
        (await StatisticsAsync()).EnqueuedTotal.Should().Be(0);
    }

    private async Task<List<JobLease>> FetchAsync(IJobConsumer consumer, int jobs)
    {
        var leases = new List<JobLease>();
        while (leases.Count < jobs)
            leases.AddRange(await consumer.FetchAsync(jobs - leases.Count, Bound));
        return leases;
    }

    private async Task EndAsync(IJobConsumer consumer, JobLease lease, string end)
    {
        var outcomes = end == "completed"
            ? await consumer.CompleteAsync([new JobCompletion(lease)], Bound)
            : await consumer.BuryAsync([new JobBurial(lease, DeadLetterReasons.Unrecoverable, "no")], Bound);
        outcomes.Should().Equal(LeaseOutcome.Done);
    }
}
