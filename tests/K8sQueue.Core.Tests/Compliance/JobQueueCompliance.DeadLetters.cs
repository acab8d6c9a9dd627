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

        (await Jobs.RedriveAsync(Queue, new DeadLetterFilter { Type = "image.resize", Tag = "eu" }, 4, Bound)).Should().Be((4, 0));
        (await Jobs.RedriveAsync(Queue, new DeadLetterFilter { Type = "image.resize" }, 100, Bound)).Should().Be((6, 0));
        (await Jobs.RedriveAsync(Queue, new DeadLetterFilter { Tag = "us" }, 100, Bound)).Should().Be((0, 0));
        (await Jobs.DeleteDeadLettersAsync(Queue, new DeadLetterFilter { Error = "BOOM" }, 100, Bound)).Should().Be(20);
        (await StatisticsAsync()).Should().BeEquivalentTo(new { DeadLetters = 0L, RedrivenTotal = 10L, Backlog = new Backlog(10, 0, false) });
    }

    private async Task<JobId> BuryAsync(JobRequest request)
    {
        var id = await EnqueueAsync(request);
        var consumer = await OpenAsync();
        await consumer.BuryAsync([new JobBurial(await FetchOneAsync(consumer), DeadLetterReasons.Unrecoverable, "boom")], Bound);
        return id;
    }
}
