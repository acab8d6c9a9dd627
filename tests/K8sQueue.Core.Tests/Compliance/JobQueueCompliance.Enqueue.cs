using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Tests.Compliance;

public abstract partial class JobQueueCompliance
{
    [Fact]
    public async Task A_job_arrives_as_it_was_handed_over()
    {
        var request = Request("""{"to":"a@b.c","text":"ü\u0000;"}""", Lane.High, tracked: true) with
        {
            Type = "email.send;with a semicolon",
            Retry = new RetryPolicy
            {
                MaxAttempts = 7,
                Backoff = BackoffKind.Fixed,
                Delay = TimeSpan.FromMilliseconds(1500),
                MaxDelay = TimeSpan.FromMinutes(3),
                Jitter = 0.125,
            },
            Timeout = TimeSpan.FromSeconds(42),
            TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        };
        var began = Now();
        var id = await EnqueueAsync(request);
        var consumer = await OpenAsync();

        var lease = await FetchOneAsync(consumer);

        lease.Job.Should().BeEquivalentTo(
            new
            {
                Id = id,
                request.Type,
                request.Retry,
                request.Timeout,
                request.TraceParent,
                request.Lane,
                Attempt = 1,
                Crashes = 0,
                Epoch = 1L,
            });
        Text(lease.Job.Payload).Should().Be(Text(request.Payload));
        lease.Job.EnqueuedAt.Should().BeOnOrAfter(began).And.BeOnOrBefore(TimeProvider.System.GetUtcNow());
        lease.Lane.Should().Be(Lane.High);
        lease.Lost.IsCancellationRequested.Should().BeFalse();
    }

    [Fact]
    public async Task A_payload_may_be_any_bytes_up_to_the_limit()
    {
        var payload = new byte[JobLimits.MaxPayloadBytes];
        Random.Shared.NextBytes(payload);
        await EnqueueAsync(Request() with { Payload = payload });
        await EnqueueAsync(Request() with { Payload = ReadOnlyMemory<byte>.Empty });
        var consumer = await OpenAsync();

        var lease = await FetchOneAsync(consumer);
        var loaded = await consumer.LoadAsync(lease, Bound);
        loaded.Payload.ToArray().Should().Equal(payload);
        loaded.IsPayloadLoaded.Should().BeTrue();
        loaded.BytesToLoad.Should().Be(0);
        (await CompleteAsync(consumer, lease)).Should().Be(LeaseOutcome.Done);
        (await FetchOneAsync(consumer)).Job.Payload.Length.Should().Be(0);
    }

    [Fact]
    public async Task Jobs_of_a_lane_start_in_the_order_of_their_enqueue()
    {
        var ids = (await Jobs.EnqueueAsync([.. Enumerable.Range(0, 2500).Select(i => Request($"{i}"))], Bound)).Ids();
        var consumer = await OpenAsync();
        var started = new List<JobId>();
        while (started.Count < ids.Count)
            started.AddRange((await consumer.FetchAsync(400, Bound)).Select(l => l.Job.Id));

        started.Should().Equal(ids);
    }

    [Fact]
    public async Task One_call_may_add_to_several_queues()
    {
        var other = Queue + "-other";
        var ids = (await Jobs.EnqueueAsync([Request(), Request(queue: other), Request()], Bound)).Ids();

        ids.Select(i => i.Queue).Should().Equal(Queue, other, Queue);
        (await StatisticsAsync()).EnqueuedTotal.Should().Be(2);
        (await Jobs.ListQueuesAsync(Bound)).Should().Contain([Queue, other]).And.BeInAscendingOrder(StringComparer.Ordinal);
    }

    [Fact]
    public async Task An_invalid_request_refuses_the_whole_call()
    {
        var call = async () => await Jobs.EnqueueAsync([Request(), Request(lane: Lane.Returned)], Bound);

        await call.Should().ThrowAsync<ArgumentException>().WithMessage("*lane*");
        (await StatisticsAsync()).EnqueuedTotal.Should().Be(0);
        (await Jobs.ListQueuesAsync(Bound)).Should().NotContain(Queue);
    }

    [Fact]
    public async Task Each_invalid_value_is_named()
    {
        (JobRequest Request, string Message)[] invalid =
        [
            (Request(queue: "Upper"), "*queue name*"),
            (Request() with { Type = "" }, "*type*"),
            (Request() with { Type = new string('x', 129) }, "*type*"),
            (Request() with { Payload = new byte[JobLimits.MaxPayloadBytes + 1] }, "*payload*1048577*"),
            (Request() with { Delay = TimeSpan.FromDays(366) }, "*delay*"),
            (Request() with { Timeout = TimeSpan.Zero }, "*time-out*"),
            (Request() with { TraceParent = "00;01" }, "*traceparent*"),
            (Request() with { Retry = new RetryPolicy { MaxAttempts = 0 } }, "*maxAttempts*"),
        ];
        foreach (var (request, message) in invalid)
        {
            var call = async () => await Jobs.EnqueueAsync([request], Bound);
            await call.Should().ThrowAsync<ArgumentException>().WithMessage(message);
        }
    }

    [Fact]
    public async Task An_unknown_queue_is_an_empty_one()
    {
        var statistics = await Jobs.GetStatisticsAsync("nobody-knows-it", Bound);

        statistics.Should().BeEquivalentTo(new QueueStatistics { Queue = "nobody-knows-it", Backlog = default });
        (await Jobs.ListDeadLettersAsync("nobody-knows-it", 0, 10, Bound)).Should().BeEmpty();
        (await Jobs.MaintainAsync("nobody-knows-it", Bound)).Should().Be(default(MaintenanceReport));
    }
}
