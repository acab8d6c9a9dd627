using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Tests.Compliance;

public abstract partial class JobQueueCompliance
{
    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public async Task The_payload_of_a_tracked_job_is_read_while_it_may_run(int bytes)
    {
        var payload = $"\"{new string('x', bytes)}\"";
        var request = Request(payload, tracked: true);
        var parked = request with { Concurrency = new JobConcurrency("one", 1) };
        var ids = (await Jobs.EnqueueAsync([request, request with { Delay = TimeSpan.FromHours(1) }, parked, parked], Bound)).Ids();
        foreach (var id in ids)
            await ShouldHaveAsync(id);
        (await Jobs.GetJobAsync(ids[3], Bound))!.State.Should().Be(JobState.Parked);

        var consumer = await OpenAsync();
        var leases = await FetchAsync(consumer, 2);
        foreach (var id in ids)
            await ShouldHaveAsync(id);
        (await Jobs.ReadPayloadAsync(ids[0], payload.Length - 1, Bound)).Should().Be(new KeptPayload(payload.Length, Content: null));

        await consumer.RetryAsync([new JobRetry(leases.Single(lease => lease.Job.Id == ids[2]), TimeSpan.Zero, "again")], Bound);
        await ShouldHaveAsync(ids[2]);
        await Jobs.CancelAsync(ids[1], Bound);
        await ShouldHaveAsync(ids[1]);

        async Task ShouldHaveAsync(JobId id) => Text((await Jobs.ReadPayloadAsync(id, 200_000, Bound))!.Value.Content!.Value).Should().Be(payload);
    }

    [Fact]
    public async Task A_job_that_has_ended_or_is_not_tracked_has_no_payload_to_read()
    {
        var ids = (await Jobs.EnqueueAsync([Request(tracked: true), Request(tracked: true), Request()], Bound)).Ids();
        var consumer = await OpenAsync();
        var leases = await FetchAsync(consumer, 3);
        await CompleteAsync(consumer, leases.Single(lease => lease.Job.Id == ids[0]));
        await consumer.BuryAsync([new JobBurial(leases.Single(lease => lease.Job.Id == ids[1]), DeadLetterReasons.Unrecoverable, "no")], Bound);
        foreach (var id in (JobId[])[.. ids, JobId.Create(Queue, tracked: true, TimeProvider.System)])
            (await Jobs.ReadPayloadAsync(id, 100, Bound)).Should().BeNull();
    }

    [Fact]
    public async Task A_record_has_the_trace_of_its_producer()
    {
        const string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        var ids = (await Jobs.EnqueueAsync([Request(tracked: true) with { TraceParent = trace }, Request(tracked: true)], Bound)).Ids();
        (await Jobs.GetJobAsync(ids[0], Bound))!.TraceParent.Should().Be(trace);
        (await Jobs.GetJobAsync(ids[1], Bound))!.TraceParent.Should().BeNull();
    }
}
