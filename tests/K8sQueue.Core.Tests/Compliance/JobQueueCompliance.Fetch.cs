using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;

namespace K8sQueue.Core.Tests.Compliance;

public abstract partial class JobQueueCompliance
{
    [Fact]
    public async Task A_fetch_takes_no_more_than_it_asked_for_and_higher_lanes_first()
    {
        var lanes = new[] { Lane.Low, Lane.Normal, Lane.High };
        await Jobs.EnqueueAsync([.. Enumerable.Range(0, 9).Select(i => Request($"{i}", lanes[i % 3]))], Bound);
        var consumer = await OpenAsync();

        var leases = await consumer.FetchAsync(5, Bound);

        leases.Select(l => l.Lane).Should().Equal(Lane.High, Lane.High, Lane.High, Lane.Normal, Lane.Normal);
    }

    [Fact]
    public async Task Every_eighth_batch_begins_at_the_low_lane()
    {
        await Jobs.EnqueueAsync([.. Enumerable.Repeat(Request(), 20), .. Enumerable.Repeat(Request(lane: Lane.Low), 3)], Bound);
        var consumer = await OpenAsync();
        var lanes = new List<Lane>();
        for (var i = 0; i < 16; i++)
            lanes.Add((await FetchOneAsync(consumer)).Lane);

        lanes.Should().Equal(Enumerable.Range(1, 16).Select(i => i % 8 == 0 ? Lane.Low : Lane.Normal));
    }

    [Theory]
    [InlineData(Lane.Normal)]
    [InlineData(Lane.Normal, Lane.Low)]
    public async Task No_lane_starves_while_high_is_busy(params Lane[] others)
    {
        await Jobs.EnqueueAsync([.. others.Prepend(Lane.High).SelectMany(lane => Enumerable.Repeat(Request(lane: lane), 40))], Bound);
        var consumer = await OpenAsync();
        var batches = new List<Lane>();
        for (var i = 0; i < 16; i++)
            batches.Add((await consumer.FetchAsync(2, Bound)).Select(l => l.Lane).Distinct().Single());

        batches.Should().Equal(Enumerable.Range(1, 16).Select(i => (i % 8) switch
        {
            4 => Lane.Normal,
            0 when others.Contains(Lane.Low) => Lane.Low,
            _ => Lane.High,
        }));
    }

    [Fact]
    public async Task Fetches_that_brought_nothing_are_no_batches()
    {
        var consumer = await OpenAsync();
        for (var i = 0; i < 3; i++)
            (await consumer.FetchAsync(1, Bound)).Should().BeEmpty();
        await Jobs.EnqueueAsync([.. Enumerable.Repeat(Request(), 9), .. Enumerable.Repeat(Request(lane: Lane.High), 9)], Bound);
        var lanes = new List<Lane>();
        for (var i = 0; i < 4; i++)
            lanes.Add((await FetchOneAsync(consumer)).Lane);

        lanes.Should().Equal(Lane.High, Lane.High, Lane.High, Lane.Normal);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public async Task However_many_queues_take_turns_no_lane_of_any_starves(int count)
    {
        var lanes = new[] { Lane.High, Lane.Normal, Lane.Low };
        string[] queues = [.. Enumerable.Range(0, count).Select(i => $"{Queue}-{i}")];
        await Jobs.EnqueueAsync(
            [.. queues.SelectMany(queue => lanes.SelectMany(lane => Enumerable.Repeat(Request(lane: lane, queue: queue), 10)))], Bound);
        var consumer = await OpenAsync(queues);

        var taken = new List<JobLease>();
        for (var i = 0; i < 8 * count; i++)
            taken.AddRange(await consumer.FetchAsync(1, Bound));

        taken.CountBy(l => (l.Job.Id.Queue, l.Lane)).ToDictionary(c => c.Key, c => c.Value).Should().BeEquivalentTo(
            queues.SelectMany(queue => lanes, (queue, lane) => (queue, lane)).ToDictionary(of => of, of => of.lane == Lane.High ? 6 : 1));
    }

    [Fact]
    public async Task One_fetch_takes_jobs_of_several_queues_and_no_more_than_it_asked_for()
    {
        string[] queues = [Queue, Queue + "-b", Queue + "-c"];
        await Jobs.EnqueueAsync([.. queues.SelectMany(queue => Enumerable.Repeat(Request(queue: queue), 3))], Bound);
        var consumer = await OpenAsync(queues);

        (await consumer.FetchAsync(7, Bound)).Should().HaveCount(7);
        (await consumer.FetchAsync(7, Bound)).Should().HaveCount(2);
    }

    [Fact]
    public async Task Queues_that_have_jobs_take_turns()
    {
        string[] queues = [Queue, Queue + "-b", Queue + "-empty", Queue + "-c"];
        await Jobs.EnqueueAsync([.. queues.Where(q => q != queues[2]).SelectMany(queue => Enumerable.Repeat(Request(queue: queue), 9))], Bound);
        var consumer = await OpenAsync(queues);

        var turns = new List<string>();
        for (var i = 0; i < 9; i++)
            turns.AddRange((await consumer.FetchAsync(3, Bound)).Select(l => l.Job.Id.Queue).Distinct());

        string[] round = [queues[0], queues[1], queues[3]];
        turns.Should().Equal([.. round, .. round, .. round]);
    }

    [Fact]
    public async Task A_queue_that_gets_a_job_has_its_turn_though_the_others_have_more()
    {
        string[] queues = [Queue, Queue + "-b", Queue + "-late"];
        await Jobs.EnqueueAsync([.. queues.Take(2).SelectMany(queue => Enumerable.Repeat(Request(queue: queue), 50))], Bound);
        var consumer = await OpenAsync(queues);
        await consumer.FetchAsync(5, Bound);
        await EnqueueAsync(Request(queue: queues[2]));

        var turns = new List<string>();
        for (var i = 0; i < 4; i++)
            turns.AddRange((await consumer.FetchAsync(5, Bound)).Select(l => l.Job.Id.Queue));

        turns.Should().ContainSingle(queue => queue == queues[2]);
    }

    [Fact]
    public async Task Of_many_queues_the_paused_one_gives_nothing_until_it_is_resumed()
    {
        string[] queues = [Queue, Queue + "-b"];
        await Jobs.EnqueueAsync([.. queues.Select(queue => Request(queue: queue))], Bound);
        await Jobs.SetPausedAsync(Queue, true, Bound);
        var consumer = await OpenAsync(queues);

        (await consumer.FetchAsync(10, Bound)).Select(l => l.Job.Id.Queue).Should().Equal(queues[1]);
        (await consumer.FetchAsync(10, Bound)).Should().BeEmpty();
        await Jobs.SetPausedAsync(Queue, false, Bound);

        (await FetchOneAsync(consumer)).Job.Id.Queue.Should().Be(Queue);
    }

    [Fact]
    public async Task Jobs_of_many_queues_end_in_one_call()
    {
        string[] queues = [.. Enumerable.Range(0, 30).Select(i => $"{Queue}-{i}")];
        await Jobs.EnqueueAsync([.. queues.Select(queue => Request(queue: queue))], Bound);
        var consumer = await OpenAsync(queues);
        var leases = await consumer.FetchAsync(30, Bound);

        var outcomes = await consumer.CompleteAsync([.. leases.Select(l => new JobCompletion(l))], Bound);

        outcomes.Should().HaveCount(30).And.AllBeEquivalentTo(LeaseOutcome.Done);
        (await consumer.LeaveAsync(Bound)).Should().BeTrue();
    }

    [Fact]
    public async Task A_delayed_job_whose_time_has_come_is_due_housekeeping()
    {
        var other = Queue + "-other";
        await Jobs.EnqueueAsync([Request(), Request(queue: other)], Bound);
        await EnqueueAsync(Request() with { Delay = TimeSpan.FromMilliseconds(300) });

        await Eventually.IsTrue(async () =>
        {
            foreach (var queue in await Jobs.FindDueAsync([other, Queue], Bound))
                await Jobs.MaintainAsync(queue, Bound);
            return (await StatisticsAsync()).Backlog.Waiting == 2;
        });
    }

    [Fact]
    public async Task A_waiting_fetch_gets_a_job_as_it_is_enqueued()
    {
        var second = Queue + "-second";
        var consumer = await OpenAsync(Queue, second);
        foreach (var (queue, lane) in new[] { (second, Lane.Low), (Queue, Lane.Normal), (Queue, Lane.High) })
        {
            var fetch = FetchOneAsync(consumer);
            fetch.IsCompleted.Should().BeFalse();
            var id = await EnqueueAsync(Request(lane: lane, queue: queue, tracked: true));
            var lease = await fetch;

            lease.Job.Id.Should().Be(id);
            lease.Lane.Should().Be(lane);
            (await Jobs.GetJobAsync(id, Bound)).Should().BeEquivalentTo(new { State = JobState.Running, Consumer = consumer.Name });
            (await CompleteAsync(consumer, lease)).Should().Be(LeaseOutcome.Done);
        }

        ShouldBalance(await StatisticsAsync());
        (await StatisticsAsync()).StartedTotal.Should().Be(2);
    }

    [Fact]
    public async Task Several_waiting_consumers_share_the_jobs()
    {
        var consumers = new List<IJobConsumer>();
        for (var i = 0; i < 4; i++)
            consumers.Add(await OpenAsync());
        var fetches = consumers.Select(FetchOneAsync).ToArray();
        var ids = (await Jobs.EnqueueAsync([.. Enumerable.Range(0, 4).Select(i => Request($"{i}"))], Bound)).Ids();

        var leases = await Task.WhenAll(fetches);

        leases.Select(l => l.Job.Id).Should().BeEquivalentTo(ids);
        (await StatisticsAsync()).Backlog.Should().Be(new Backlog(0, 4, Paused: false));
        (await StatisticsAsync()).StartedTotal.Should().Be(4);
    }

    [Fact]
    public async Task An_idle_fetch_ends_empty() => (await (await OpenAsync()).FetchAsync(1, Bound)).Should().BeEmpty();

    [Fact]
    public async Task A_cancelled_fetch_ends_and_loses_no_job()
    {
        var consumer = await OpenAsync();
        using var cancel = new CancellationTokenSource();
        var fetch = consumer.FetchAsync(1, cancel.Token).AsTask();
        await cancel.CancelAsync();

        var wait = async () => await fetch;

        await wait.Should().ThrowAsync<OperationCanceledException>();
        var id = await EnqueueAsync();
        (await FetchOneAsync(consumer)).Job.Id.Should().Be(id);
    }

    [Fact]
    public async Task A_quiesced_consumer_takes_nothing_until_it_is_resumed()
    {
        var consumer = await OpenAsync();
        var fetch = consumer.FetchAsync(1, Bound).AsTask();

        await consumer.QuiesceAsync(Bound);
        await EnqueueAsync();

        (await fetch).Should().BeEmpty("no fetch was under way at the broker any more");
        (await consumer.FetchAsync(1, Bound)).Should().BeEmpty();
        (await StatisticsAsync()).StartedTotal.Should().Be(0);
        consumer.Resume();
        await FetchOneAsync(consumer);
    }

    [Fact]
    public async Task Nothing_starts_twice_or_is_lost_where_quiesce_races_with_enqueue()
    {
        var consumer = await OpenAsync();
        for (var i = 0; i < 30; i++)
        {
            var fetch = consumer.FetchAsync(1, Bound).AsTask();
            var enqueue = EnqueueAsync();
            await consumer.QuiesceAsync(Bound);
            await enqueue;
            var leases = await fetch;
            foreach (var lease in leases)
                (await CompleteAsync(consumer, lease)).Should().Be(LeaseOutcome.Done);
            consumer.Resume();
            if (leases.Count == 0)
                await CompleteAsync(consumer, await FetchOneAsync(consumer));
        }

        var statistics = await StatisticsAsync();
        statistics.Should().BeEquivalentTo(new { StartedTotal = 30L, CompletedTotal = 30L, Backlog = default(Backlog) });
    }

    [Fact]
    public async Task A_paused_queue_starts_nothing_and_has_no_demand()
    {
        var consumer = await OpenAsync();
        await EnqueueAsync();
        await Jobs.SetPausedAsync(Queue, true, Bound);

        (await consumer.FetchAsync(1, Bound)).Should().BeEmpty();
        var statistics = await StatisticsAsync();
        statistics.Backlog.Should().Be(new Backlog(1, 0, Paused: true));
        statistics.Backlog.Demand.Should().Be(0);

        await Jobs.SetPausedAsync(Queue, false, Bound);
        await FetchOneAsync(consumer);
        (await StatisticsAsync()).Backlog.Demand.Should().Be(1);
    }

    [Fact]
    public async Task A_pause_holds_for_consumers_that_wait_already()
    {
        var consumer = await OpenAsync();
        var fetch = consumer.FetchAsync(1, Bound).AsTask();
        await Jobs.SetPausedAsync(Queue, true, Bound);
        var id = await EnqueueAsync();

        (await fetch).Should().BeEmpty();

        (await StatisticsAsync()).StartedTotal.Should().Be(0);
        await Jobs.SetPausedAsync(Queue, false, Bound);
        (await FetchOneAsync(consumer)).Job.Should().BeEquivalentTo(new { Id = id, Attempt = 1, Crashes = 0 });
        ShouldBalance(await StatisticsAsync());
    }

    [Fact]
    public async Task A_paused_queue_does_not_hold_up_the_others()
    {
        var paused = Queue + "-paused";
        await Jobs.SetPausedAsync(paused, true, Bound);
        await EnqueueAsync(Request(queue: paused));
        var consumer = await OpenAsync(paused, Queue);
        var fetch = FetchOneAsync(consumer);
        var id = await EnqueueAsync();

        (await fetch).Job.Id.Should().Be(id);
    }

    [Fact]
    public async Task A_consumer_leaves_only_when_it_owns_nothing()
    {
        await EnqueueAsync();
        var consumer = await OpenAsync();
        var lease = await FetchOneAsync(consumer);
        (await StatisticsAsync()).Consumers.Should().Be(1);

        (await consumer.LeaveAsync(Bound)).Should().BeFalse();
        (await CompleteAsync(consumer, lease)).Should().Be(LeaseOutcome.Done);
        (await consumer.LeaveAsync(Bound)).Should().BeTrue();

        (await StatisticsAsync()).Consumers.Should().Be(0);
    }

    [Fact]
    public async Task Consumers_need_valid_options()
    {
        JobConsumerOptions[] invalid =
        [
            new() { Queues = [], Name = "a" },
            new() { Queues = ["Upper"], Name = "a" },
            new() { Queues = [Queue, Queue], Name = "a" },
            new() { Queues = [Queue], Name = "" },
            new() { Queues = [Queue], Name = "a~" },
            new() { Queues = [Queue], Name = "a b" },
        ];
        foreach (var options in invalid)
        {
            var open = async () => await Jobs.OpenConsumerAsync(options, Bound);
            await open.Should().ThrowAsync<ArgumentException>();
        }
    }

    [Fact]
    public async Task A_disposed_consumer_fetches_no_more()
    {
        var consumer = await OpenAsync();
        var fetch = consumer.FetchAsync(1, Bound).AsTask();
        await consumer.DisposeAsync();

        await Eventually.IsTrue(() => fetch.IsCompleted);
        var again = async () => await consumer.FetchAsync(1, Bound);
        await again.Should().ThrowAsync<ObjectDisposedException>();
    }
}
