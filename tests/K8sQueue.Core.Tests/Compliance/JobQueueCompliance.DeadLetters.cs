using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Tests.Compliance;

public abstract partial class JobQueueCompliance
{
    [Fact]
    public async Task A_dead_letter_runs_again_with_another_payload()
    {
        var id = await BuryAsync(Request("""{"amount": "7"}""") with { Tags = ["kept"] });

        (await Jobs.RedriveAsync(id, Bytes("""{"amount": 7}"""), Bound)).Should().Be(RedriveOutcome.Redriven);

        var job = (await FetchOneAsync(await OpenAsync())).Job;
        job.Id.Should().Be(id);
        Text(job.Payload).Should().Be("""{"amount": 7}""");
        job.Traits!.Tags.Should().Equal("kept");
    }

    [Fact]
    public async Task A_dead_letters_large_payload_may_become_small_and_a_small_one_large()
    {
        var large = new string('x', 200_000);
        var (first, second) = (await BuryAsync(Request(large)), await BuryAsync(Request("small")));

        await Jobs.RedriveAsync(first, Bytes("small"), Bound);
        await Jobs.RedriveAsync(second, Bytes(large), Bound);

        var consumer = await OpenAsync();
        var leases = await FetchAsync(consumer, 2);
        Text((await consumer.LoadAsync(leases.Single(l => l.Job.Id == first), Bound)).Payload).Should().Be("small");
        Text((await consumer.LoadAsync(leases.Single(l => l.Job.Id == second), Bound)).Payload).Should().Be(large);
        await FluentActions.Awaiting(() => Jobs.RedriveAsync(first, new byte[JobLimits.MaxPayloadBytes + 1], Bound).AsTask())
            .Should().ThrowAsync<ArgumentException>();
    }

    [Fact]
    public async Task A_dead_letter_is_found_by_its_id()
    {
        var large = new string('x', 100_000);
        var (first, second) = (await BuryAsync(Request(large)), await BuryAsync(Request()));

        var letter = await Jobs.GetDeadLetterAsync(first, Bound);

        letter.Should().BeEquivalentTo(new { Reason = DeadLetterReasons.Unrecoverable, Error = "boom" });
        letter!.Job.Id.Should().Be(first);
        Text(letter.Job.Payload).Should().Be(large);
        await Jobs.DeleteDeadLetterAsync(second, Bound);
        (await Jobs.GetDeadLetterAsync(second, Bound)).Should().BeNull();
        (await Jobs.GetDeadLetterAsync(JobId.Create("nobody-knows-it", true, TimeProvider.System), Bound)).Should().BeNull();
    }

    [Fact]
    public async Task A_dead_letter_may_be_deleted()
    {
        var id = await BuryAsync(Request(new string('x', 100_000)));

        (await Jobs.DeleteDeadLetterAsync(id, Bound)).Should().BeTrue();

        (await Jobs.DeleteDeadLetterAsync(id, Bound)).Should().BeFalse();
        (await Jobs.RedriveAsync(id, Bound)).Should().Be(RedriveOutcome.NotFound);
        (await StatisticsAsync()).DeadLetters.Should().Be(0);
    }

    [Fact]
    public async Task Many_dead_letters_run_again_or_go_by_a_filter()
    {
        var resize = Request() with { Type = "image.resize", Tags = ["eu"] };
        for (var i = 0; i < 30; i++)
            await BuryAsync(i % 3 == 0 ? resize : Request());

        (await Jobs.RedriveAsync(await SelectAsync(new DeadLetterFilter { Type = "image.resize", Tag = "eu" }, 4), Bound)).Should().Be((4, 0));
        (await Jobs.RedriveAsync(await SelectAsync(new DeadLetterFilter { Type = "image.resize", Reason = DeadLetterReasons.Unrecoverable }), Bound)).Should().Be((6, 0));
        (await SelectAsync(new DeadLetterFilter { Tag = "us" })).Should().BeEmpty();
        (await SelectAsync(new DeadLetterFilter { Reason = DeadLetterReasons.Poison })).Should().BeEmpty();
        (await SelectAsync(new DeadLetterFilter { Error = "no boom" })).Should().BeEmpty();
        (await Jobs.DeleteDeadLettersAsync(await SelectAsync(new DeadLetterFilter { Error = "BOOM" }), Bound)).Should().Be(20);
        (await StatisticsAsync()).Should().BeEquivalentTo(new { DeadLetters = 0L, RedrivenTotal = 10L, Backlog = new Backlog(10, 0, false) });
    }

    [Fact]
    public async Task Dead_letters_are_found_oldest_first_in_pages_that_those_that_leave_do_not_shift()
    {
        var ids = new List<JobId>();
        for (var i = 0; i < 7; i++)
            ids.Add(await BuryAsync(Request() with { Type = i % 2 == 0 ? "even" : "odd" }));
        var even = new DeadLetterFilter { Type = "even" };

        var first = await Jobs.FindDeadLettersAsync(Queue, even, after: null, 2, Bound);
        await Jobs.DeleteDeadLettersAsync(first.Ids, Bound);
        var second = await Jobs.FindDeadLettersAsync(Queue, even, first.Next, 2, Bound);

        first.Ids.Should().Equal(ids[0], ids[2]);
        second.Ids.Should().Equal(ids[4], ids[6]);
        second.Next.Should().BeNull();
        var all = await Jobs.FindDeadLettersAsync(Queue, new DeadLetterFilter(), after: null, 3, Bound);
        all.Ids.Should().Equal(ids[1], ids[3], ids[4]);
        (await Jobs.FindDeadLettersAsync(Queue, new DeadLetterFilter(), all.Next, 3, Bound)).Ids.Should().Equal(ids[5], ids[6]);
        (await Jobs.FindDeadLettersAsync("nobody-knows-it", even, after: null, 2, Bound)).Should().BeEquivalentTo(new JobSelection([], Next: null));
        foreach (var place in new[] { "", "x", "1", "1-", "-1", "1-2-3" })
            await FluentActions.Awaiting(() => Jobs.FindDeadLettersAsync(Queue, even, place, 2, Bound).AsTask()).Should().ThrowAsync<ArgumentException>();
    }

    [Fact]
    public async Task Dead_letters_are_found_by_when_they_were_buried()
    {
        var first = await BuryAsync(Request());
        await Testing.Eventually.IsTrue(async () => await NowAsync() > (await Jobs.GetDeadLetterAsync(first, Bound))!.BuriedAt);
        var between = await NowAsync();
        var second = await BuryAsync(Request());

        (await SelectAsync(new DeadLetterFilter { After = between })).Should().Equal(second);
        (await SelectAsync(new DeadLetterFilter { Before = between })).Should().Equal(first);
        (await SelectAsync(new DeadLetterFilter { After = between, Before = between })).Should().BeEmpty();

        // By the broker's clock: that of the letter that was buried last.
        async Task<DateTimeOffset> NowAsync()
        {
            var id = await BuryAsync(Request());
            var now = (await Jobs.GetDeadLetterAsync(id, Bound))!.BuriedAt;
            await Jobs.DeleteDeadLetterAsync(id, Bound);
            return now;
        }
    }

    [Fact]
    public async Task A_walk_ends_though_what_it_lets_run_again_is_buried_again()
    {
        for (var i = 0; i < 3; i++)
            await BuryAsync(Request());
        var consumer = await OpenAsync();
        string? after = null;
        var redriven = 0;
        do
        {
            var selection = await Jobs.SelectDeadLettersAsync(Queue, new DeadLetterFilter(), after, 1, Bound);
            redriven += (await Jobs.RedriveAsync(selection.Ids, Bound)).Redriven;
            foreach (var _ in selection.Ids)
                await consumer.BuryAsync([new JobBurial(await FetchOneAsync(consumer), DeadLetterReasons.Unrecoverable, "again")], Bound);
            after = selection.Next;
        }
        while (after is not null);

        redriven.Should().Be(3);
        (await StatisticsAsync()).DeadLetters.Should().Be(3);
    }

    [Fact]
    public async Task The_oldest_of_thousands_of_dead_letters_is_found_with_one_call()
    {
        var consumer = await OpenAsync();
        for (var i = 0; i < 4; i++)
        {
            await Jobs.EnqueueAsync([.. Enumerable.Repeat(Request(), 500)], Bound);
            await consumer.BuryAsync([.. (await FetchAsync(consumer, 500)).Select(lease => new JobBurial(lease, DeadLetterReasons.Unrecoverable, "boom"))], Bound);
        }

        var counted = new CountedLooks(Jobs);
        var oldest = (await Jobs.ListDeadLettersAsync(Queue, 1999, 1, Bound)).Single().Job.Id;
        (await counted.SelectDeadLettersAsync(Queue, new DeadLetterFilter(), after: null, 1, Bound)).Ids.Should().Equal(oldest);
        (await counted.SelectDeadLettersAsync(Queue, new DeadLetterFilter { Error = "boom" }, after: null, 1, Bound)).Ids.Should().Equal(oldest);
        counted.Looks.Should().Be(2);

        var all = await counted.SelectDeadLettersAsync(Queue, new DeadLetterFilter { Reason = DeadLetterReasons.Unrecoverable }, after: null, 5000, Bound);
        all.Ids.Should().HaveCount(2000).And.OnlyHaveUniqueItems();
        all.Next.Should().BeNull();
        (counted.Looks - 2).Should().BeLessThan(12);
        (await Jobs.DeleteDeadLettersAsync(all.Ids, Bound)).Should().Be(2000);
    }

    private async Task<IReadOnlyList<JobId>> SelectAsync(DeadLetterFilter filter, int limit = 100) =>
        (await Jobs.SelectDeadLettersAsync(Queue, filter, after: null, limit, Bound)).Ids;

    private sealed class CountedLooks(IJobQueue inner) : DelegatingJobQueue(inner)
    {
        public int Looks { get; private set; }

        public override ValueTask<JobSelection> FindDeadLettersAsync(
            string queue, DeadLetterFilter filter, string? after, int count, CancellationToken cancellationToken)
        {
            Looks++;
            return base.FindDeadLettersAsync(queue, filter, after, count, cancellationToken);
        }
    }

    private async Task<JobId> BuryAsync(JobRequest request)
    {
        var id = await EnqueueAsync(request);
        var consumer = await OpenAsync();
        await consumer.BuryAsync([new JobBurial(await FetchOneAsync(consumer), DeadLetterReasons.Unrecoverable, "boom")], Bound);
        return id;
    }
}
