using K8sQueue.Core.Batches;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Tests.Compliance;

public abstract partial class JobQueueCompliance
{
    private string OtherQueue => Queue + "-b";

    [Fact]
    public async Task A_batch_calls_back_once_when_all_of_its_jobs_are_completed()
    {
        var batch = await Jobs.EnqueueBatchAsync(
            new BatchRequest
            {
                Jobs = [Request("1"), Request("2", tracked: true), Request("3", queue: OtherQueue)],
                OnComplete = Request("\"complete\"", Lane.High),
                OnSuccess = Request("\"success\"", tracked: true),
            },
            Bound);
        batch.Id.Queue.Should().Be(Queue);
        batch.Jobs.Select(j => j.Queue).Should().Equal(Queue, Queue, OtherQueue);

        var consumer = await OpenAsync(Queue, OtherQueue);
        var leases = await FetchAsync(consumer, 3);
        leases.Select(l => l.Job.Id).Should().BeEquivalentTo(batch.Jobs);
        leases.Should().OnlyContain(l => l.Job.Traits!.MemberOf == batch.Id && l.Job.Traits.CallbackOf == null);
        await CompleteAsync(consumer, leases[0]);
        await CompleteAsync(consumer, leases[1]);
        await SettleAsync();
        (await consumer.FetchAsync(1, Bound)).Should().BeEmpty("one is open still");
        (await BatchAsync(batch.Id)).Should().BeEquivalentTo(new { Total = 3, Open = 1, Succeeded = 2, Failed = 0, EndedAt = (DateTimeOffset?)null, IsSealed = true });

        await CompleteAsync(consumer, leases[2]);
        await SettleAsync();

        var callbacks = await FetchAsync(consumer, 2);
        callbacks.Select(l => l.Job.Id).Should().Equal(batch.OnComplete!.Value, batch.OnSuccess!.Value);
        callbacks.Select(l => Text(l.Job.Payload)).Should().Equal("\"complete\"", "\"success\"");
        callbacks.Should().OnlyContain(l => l.Job.Traits!.CallbackOf == batch.Id && l.Job.Traits.MemberOf == null);
        await CompleteAsync(consumer, callbacks[0]);
        await CompleteAsync(consumer, callbacks[1]);
        await SettleAsync();
        (await consumer.FetchAsync(1, Bound)).Should().BeEmpty("each callback comes once");
        var status = await BatchAsync(batch.Id);
        status.Should().BeEquivalentTo(new { Total = 3, Open = 0, Succeeded = 3, Failed = 0, batch.OnComplete, batch.OnSuccess, SuccessCalled = true });
        status.EndedAt.Should().BeOnOrAfter(status.CreatedAt);
        (await StatisticsAsync()).Should().BeEquivalentTo(new { EnqueuedTotal = 4L, CompletedTotal = 4L });
    }

    [Theory]
    [InlineData("buried")]
    [InlineData("cancelled")]
    public async Task A_batch_with_a_job_that_failed_completes_without_success(string end)
    {
        var batch = await EnqueueBatchAsync(jobs: 2);
        var consumer = await OpenAsync();
        var leases = await FetchAsync(consumer, 2);
        if (end == "buried")
        {
            await consumer.BuryAsync([new JobBurial(leases[0], DeadLetterReasons.Unrecoverable, "no")], Bound);
        }
        else
        {
            await Jobs.CancelAsync(leases[0].Job.Id, Bound);
            await consumer.CancelAsync([leases[0]], Bound);
        }

        await SettleAsync();
        (await consumer.FetchAsync(1, Bound)).Should().BeEmpty();
        await CompleteAsync(consumer, leases[1]);

        (await FetchOneAsync(consumer)).Job.Id.Should().Be(batch.OnComplete!.Value);
        await SettleAsync();
        (await consumer.FetchAsync(1, Bound)).Should().BeEmpty("not all of them are completed");
        (await BatchAsync(batch.Id)).Should().BeEquivalentTo(new { Open = 0, Failed = 1, Succeeded = 1, SuccessCalled = false });
    }

    [Fact]
    public async Task A_dead_letter_that_is_completed_after_all_clears_its_failure()
    {
        var batch = await EnqueueBatchAsync(jobs: 1);
        var consumer = await OpenAsync();
        await EndAsync(consumer, await FetchOneAsync(consumer), "buried");
        var complete = await FetchOneAsync(consumer);
        complete.Job.Id.Should().Be(batch.OnComplete!.Value);
        await CompleteAsync(consumer, complete);

        await Jobs.RedriveAsync(batch.Jobs[0], Bound);
        await EndAsync(consumer, await FetchOneAsync(consumer), "buried");
        await SettleAsync();
        (await consumer.FetchAsync(1, Bound)).Should().BeEmpty("it failed again");
        await Jobs.RedriveAsync(batch.Jobs[0], Bound);
        await EndAsync(consumer, await FetchOneAsync(consumer), "completed");

        (await FetchOneAsync(consumer)).Job.Id.Should().Be(batch.OnSuccess!.Value);
        (await consumer.FetchAsync(1, Bound)).Should().BeEmpty("the other callback has come already");
        (await BatchAsync(batch.Id)).Should().BeEquivalentTo(new { Open = 0, Failed = 0, Succeeded = 1, SuccessCalled = true });
    }

    [Fact]
    public async Task What_is_tried_again_handed_back_or_recovered_is_open_still()
    {
        var batch = await EnqueueBatchAsync(jobs: 1);
        var lost = await OpenAsync();
        await lost.RetryAsync([new JobRetry(await FetchOneAsync(lost), TimeSpan.Zero, "again")], Bound);
        await lost.ReleaseAsync([await FetchOneAsync(lost)], Bound);
        await FetchOneAsync(lost);
        await CrashAsync(lost);
        await MaintainUntilAsync(r => r.Recovered == 1);
        (await BatchAsync(batch.Id)).Should().BeEquivalentTo(new { Open = 1, Failed = 0, EndedAt = (DateTimeOffset?)null });

        var consumer = await OpenAsync();
        var lease = await FetchOneAsync(consumer);
        lease.Job.Traits!.MemberOf.Should().Be(batch.Id);
        await CompleteAsync(consumer, lease);
        (await FetchAsync(consumer, 2)).Select(l => l.Job.Id).Should().BeEquivalentTo([batch.OnComplete!.Value, batch.OnSuccess!.Value]);
    }

    [Fact]
    public async Task A_batch_tells_its_jobs_in_pages_with_the_results_of_the_tracked_ones()
    {
        var request = new BatchRequest { Jobs = [.. Enumerable.Range(0, 5).Select(i => Request($"{i}", tracked: i != 2))] };
        var batch = await Jobs.EnqueueBatchAsync(request, Bound);
        batch.OnComplete.Should().BeNull();
        var consumer = await OpenAsync();
        var leases = await FetchAsync(consumer, 5);
        await CompleteAsync(consumer, leases.Single(l => l.Job.Id == batch.Jobs[1]), "{\"n\":1}");
        await EndAsync(consumer, leases.Single(l => l.Job.Id == batch.Jobs[3]), "buried");

        var status = (await Jobs.GetBatchAsync(batch.Id, 1, 3, Bound))!;
        status.Should().BeEquivalentTo(new { Total = 5, Open = 3, Failed = 1, Succeeded = 1 });
        status.Jobs.Select(j => (j.Id, j.State)).Should().Equal(
            (batch.Jobs[1], BatchJobState.Succeeded), (batch.Jobs[2], BatchJobState.Open), (batch.Jobs[3], BatchJobState.Failed));
        Text(status.Jobs[0].Record!.Result).Should().Be("{\"n\":1}");
        status.Jobs[1].Record.Should().BeNull();
        status.Jobs[2].Record!.State.Should().Be(JobState.Dead);
        (await Jobs.GetBatchAsync(batch.Id, 5, 3, Bound))!.Jobs.Should().BeEmpty();
        (await Jobs.GetBatchAsync(BatchId.Create(Queue, TimeProvider.System), 0, 1, Bound)).Should().BeNull();
    }

    [Fact]
    public async Task A_callback_has_the_delay_and_the_payload_that_it_was_given()
    {
        var large = $"\"{new string('x', 50_000)}\"";
        var batch = await Jobs.EnqueueBatchAsync(
            new BatchRequest { Jobs = [Request()], OnSuccess = Request(large, tracked: true) with { Delay = TimeSpan.FromMilliseconds(100) } }, Bound);
        var consumer = await OpenAsync();
        await CompleteAsync(consumer, await FetchOneAsync(consumer));

        (await Jobs.GetJobAsync(batch.OnSuccess!.Value, Bound))!.State.Should().Be(JobState.Delayed);
        await MaintainUntilAsync(r => r.Promoted == 1);
        var callback = await FetchOneAsync(consumer);
        Text((await consumer.LoadAsync(callback, Bound)).Payload).Should().Be(large);
    }

    [Fact]
    public async Task A_flow_runs_from_its_leaves_to_its_root()
    {
        var flow = await Jobs.EnqueueFlowAsync(
            Node("root", Node("left", Leaf("a"), Leaf("b", OtherQueue)), Leaf("c"), Node("right", Leaf("d"))), Bound);
        flow.Count.Should().Be(7);
        (await BatchAsync(flow.Children[0].Batch!.Value)).CallbackMemberOf.Should().Be(flow.Batch, "the job that waits for it is of that batch");
        (await BatchAsync(flow.Batch!.Value)).CallbackMemberOf.Should().BeNull();
        var consumer = await OpenAsync(Queue, OtherQueue);

        var order = new List<string>();
        while (order.Count < 7)
        {
            var leases = await consumer.FetchAsync(10, Bound);
            foreach (var lease in leases)
            {
                order.Add(Text(lease.Job.Payload));
                if (order[^1] == "\"root\"")
                    lease.Job.Should().Match<JobEnvelope>(j => j.Id == flow.Job && j.Traits!.CallbackOf == flow.Batch && j.Traits.MemberOf == null);
                if (order[^1] == "\"left\"")
                    lease.Job.Should().Match<JobEnvelope>(j => j.Id == flow.Children[0].Job && j.Traits!.CallbackOf == flow.Children[0].Batch && j.Traits.MemberOf == flow.Batch);
                await CompleteAsync(consumer, lease);
            }

            await SettleAsync();
        }

        order[^1].Should().Be("\"root\"");
        order.IndexOf("\"left\"").Should().BeGreaterThan(Math.Max(order.IndexOf("\"a\""), order.IndexOf("\"b\"")));
        order.IndexOf("\"right\"").Should().BeGreaterThan(order.IndexOf("\"d\""));
        (await BatchAsync(flow.Batch!.Value)).Should().BeEquivalentTo(new { Total = 3, Succeeded = 3, SuccessCalled = true });
        (await BatchAsync(flow.Children[0].Batch!.Value)).CallbackMemberOf.Should().BeNull("it was enqueued, and says so itself");
    }

    [Fact]
    public async Task In_a_flow_a_failure_stops_what_waits_for_success_until_it_is_mended()
    {
        var flow = await Jobs.EnqueueFlowAsync(
            Node("root", Node("ended", Node("middle", Leaf("bad"), Leaf("good"))) with { RunAfter = FlowRunAfter.Ended }), Bound);
        var consumer = await OpenAsync();
        var leaves = await FetchAsync(consumer, 2);
        var bad = leaves.Single(l => Text(l.Job.Payload) == "\"bad\"");
        await EndAsync(consumer, bad, "buried");
        await CompleteAsync(consumer, leaves.Single(l => l != bad));

        var ended = await FetchOneAsync(consumer);
        Text(ended.Job.Payload).Should().Be("\"ended\"", "its child can't run for now, which is an end");
        await CompleteAsync(consumer, ended);
        var root = await FetchOneAsync(consumer);
        root.Job.Id.Should().Be(flow.Job, "what ran after the end was completed");
        await CompleteAsync(consumer, root);
        (await consumer.FetchAsync(1, Bound)).Should().BeEmpty();

        await Jobs.RedriveAsync(bad.Job.Id, Bound);
        await CompleteAsync(consumer, await FetchOneAsync(consumer));
        Text((await FetchOneAsync(consumer)).Job.Payload).Should().Be("\"middle\"");
        (await consumer.FetchAsync(1, Bound)).Should().BeEmpty("what ran does not run again");
    }

    [Fact]
    public async Task A_flow_that_waits_for_success_waits_over_several_levels()
    {
        var flow = await Jobs.EnqueueFlowAsync(Node("root", Node("middle", Leaf("bad")), Leaf("good")), Bound);
        var consumer = await OpenAsync();
        var leaves = await FetchAsync(consumer, 2);
        var bad = leaves.Single(l => Text(l.Job.Payload) == "\"bad\"");
        await EndAsync(consumer, bad, "buried");
        await CompleteAsync(consumer, leaves.Single(l => l != bad));
        await SettleAsync();
        (await consumer.FetchAsync(1, Bound)).Should().BeEmpty();
        (await BatchAsync(flow.Batch!.Value)).Should().BeEquivalentTo(new { Open = 0, Failed = 1, Succeeded = 1 });

        await Jobs.RedriveAsync(bad.Job.Id, Bound);
        foreach (var expected in new[] { "\"bad\"", "\"middle\"", "\"root\"" })
        {
            var lease = await FetchOneAsync(consumer);
            Text(lease.Job.Payload).Should().Be(expected);
            await CompleteAsync(consumer, lease);
        }

        (await BatchAsync(flow.Batch.Value)).Should().BeEquivalentTo(new { Open = 0, Failed = 0, Succeeded = 2, SuccessCalled = true });
    }

    [Fact]
    public async Task A_flow_of_one_job_is_that_job()
    {
        var flow = await Jobs.EnqueueFlowAsync(Leaf("alone"), Bound);

        flow.Should().BeEquivalentTo(new { Batch = (BatchId?)null, Count = 1 });
        (await FetchOneAsync(await OpenAsync())).Job.Should().BeEquivalentTo(new { Id = flow.Job, Traits = (JobTraits?)null });
    }

    [Fact]
    public async Task Invalid_batches_and_flows_are_refused_whole()
    {
        BatchRequest[] batches =
        [
            new() { Jobs = [] },
            new() { Jobs = [Request(), Request() with { Type = "" }] },
            new() { Jobs = [.. Enumerable.Repeat(Request(), BatchLimits.MaxJobs + 1)] },
            new() { Jobs = [Request() with { Deduplication = UntilDone }] },
            new() { Jobs = [Request()], OnComplete = Request() with { Type = "" } },
            new() { Jobs = [Request()], OnSuccess = Request() with { Deduplication = UntilDone } },
            new() { Jobs = [Request()], OnComplete = Request(), OnSuccess = Request(queue: OtherQueue) },
        ];
        foreach (var batch in batches)
            await FluentActions.Awaiting(() => Jobs.EnqueueBatchAsync(batch, Bound).AsTask()).Should().ThrowAsync<ArgumentException>();
        var deep = Leaf("leaf");
        for (var level = 0; level < BatchLimits.MaxDepth; level++)
            deep = Node("node", deep);
        FlowRequest[] flows =
        [
            deep,
            Node("root", Leaf("a") with { Job = Request() with { Deduplication = UntilDone } }),
            Node("root", Leaf("a") with { Job = Request(queue: "Not A Queue") }),
            Node("root", Leaf("a")) with { RunAfter = (FlowRunAfter)7 },
            Node("root", [.. Enumerable.Repeat(Leaf("a"), BatchLimits.MaxJobs)]),
        ];
        foreach (var flow in flows)
            await FluentActions.Awaiting(() => Jobs.EnqueueFlowAsync(flow, Bound).AsTask()).Should().ThrowAsync<ArgumentException>();
        (await StatisticsAsync()).EnqueuedTotal.Should().Be(0);
    }

    private FlowRequest Leaf(string name, string? queue = null) => new() { Job = Request($"\"{name}\"", queue: queue) };

    private FlowRequest Node(string name, params FlowRequest[] children) => Leaf(name) with { Children = children };

    private async Task<EnqueuedBatch> EnqueueBatchAsync(int jobs) => await Jobs.EnqueueBatchAsync(
        new BatchRequest
        {
            Jobs = [.. Enumerable.Range(0, jobs).Select(i => Request($"{i}"))],
            OnComplete = Request("\"complete\""),
            OnSuccess = Request("\"success\""),
        },
        Bound);

    private async Task<BatchStatus> BatchAsync(BatchId id) => (await Jobs.GetBatchAsync(id, 0, 100, Bound))!;

    /// <summary>Housekeeping of the queues, which tells batches of jobs of other queues.</summary>
    private async Task SettleAsync()
    {
        await Jobs.MaintainAsync(Queue, Bound);
        await Jobs.MaintainAsync(OtherQueue, Bound);
    }
}
