using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Testing;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>What a consumer of many queues takes, and what it asks of the server.</summary>
public sealed class RedisManyQueuesTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    [Fact]
    public async Task A_fetch_asks_the_queues_that_have_jobs_and_no_others()
    {
        var (queues, consumer) = await OpenManyAsync(600);
        await EnqueueToAsync(queues[3], queues[299], queues[300], queues[599]);
        Raw("CONFIG", "RESETSTAT");

        var leases = await consumer.FetchAsync(10, Bound);

        leases.Select(l => l.Job.Id.Queue).Should().Equal(queues[3], queues[299], queues[300], queues[599]);
        Calls("xreadgroup").Should().BeLessThanOrEqualTo(4 * 4, "four scripts read four lanes each");
    }

    [Fact]
    public async Task No_job_is_taken_beyond_what_the_fetch_may_take_wherever_it_waits()
    {
        var (queues, consumer) = await OpenManyAsync(40);
        await EnqueueToAsync([.. queues, .. queues, .. queues]);
        var total = 0;
        foreach (var max in new[] { 1, 7, 40, 13 })
        {
            total += (await consumer.FetchAsync(max, Bound)).Count;
            var statistics = await Task.WhenAll(queues.Select(queue => Jobs.GetStatisticsAsync(queue, Bound).AsTask()));
            statistics.Sum(s => s.Backlog.InFlight).Should().Be(total);
            statistics.Sum(s => s.StartedTotal).Should().Be(total);
        }

        total.Should().Be(1 + 7 + 40 + 13);
    }

    [Fact]
    public async Task Jobs_that_end_a_wait_in_many_queues_at_once_are_taken_up_to_the_limit_and_the_rest_wait()
    {
        var client = Client(o =>
        {
            RedisFixture.Quiet(o);
            o.IdleWait = TimeSpan.FromSeconds(20);
        });
        var (queues, consumer) = await OpenManyAsync(40, client);
        var fetch = consumer.FetchAsync(3, Bound).AsTask();
        await Eventually.IsTrue(() => Raw("CLIENT", "LIST").Text.Contains("cmd=xreadgroup", StringComparison.Ordinal));
        var lanes = queues.Select(queue => new RedisKeys(queue).LaneKey(Lane.Normal)).ToArray();

        // In one step, so that the read delivers them all.
        Raw(["EVAL", "for _, lane in ipairs(KEYS) do redis.call('XADD', lane, '*', 'h', ARGV[1], 'p', '{}') end", $"{lanes.Length}", .. lanes, Header()]);

        var taken = (await fetch).ToList();
        taken.Count.Should().BeInRange(1, 3);
        while (taken.Count < queues.Length)
            taken.AddRange(await consumer.FetchAsync(queues.Length - taken.Count, Bound));
        var statistics = await Task.WhenAll(queues.Select(queue => Jobs.GetStatisticsAsync(queue, Bound).AsTask()));
        statistics.Should().AllSatisfy(s => s.Should().BeEquivalentTo(new { StartedTotal = 1L, Backlog = new Backlog(0, 1, Paused: false) }));
    }

    [Fact]
    public async Task Idle_queues_cost_a_look_and_a_read_a_wait()
    {
        Raw("CONFIG", "RESETSTAT");
        var (_, consumer) = await OpenManyAsync(600);
        await Eventually.IsTrue(() => Calls("zadd") >= 1200); // joined, and the first heartbeat is over
        Raw("CONFIG", "RESETSTAT");

        (await consumer.FetchAsync(10, Bound)).Should().BeEmpty();

        var (scripts, beats, reads) = (Calls("evalsha") + Calls("eval"), Calls("zadd"), Calls("xreadgroup"));
        reads.Should().BeInRange(1, 10);
        (scripts - beats).Should().BeLessThanOrEqualTo((reads + 1) * 3, "three scripts look at 600 queues");
    }

    [Fact]
    public async Task A_wait_survives_the_loss_of_the_streams_of_many_queues()
    {
        var (queues, consumer) = await OpenManyAsync(3);
        var fetch = FetchOneAsync(consumer);
        Raw(["DEL", .. queues.SelectMany(queue => new QueueHandle(queue).KeyNames)]);
        await EnqueueToAsync(queues[1]);

        (await fetch).Job.Id.Queue.Should().Be(queues[1]);
    }

    [Fact]
    public async Task Leases_in_many_queues_are_renewed()
    {
        var (queues, consumer) = await OpenManyAsync(250, Client(RedisFixture.Patient));
        await EnqueueToAsync(queues);
        var leases = await consumer.FetchAsync(250, Bound);
        leases.Should().HaveCount(250);
        var beats = Calls("xclaim");

        await Eventually.IsTrue(() => Calls("xclaim") >= beats + (8 * 250));

        leases.Should().AllSatisfy(l => l.Lost.IsCancellationRequested.Should().BeFalse());
        (await consumer.CompleteAsync([.. leases.Select(l => new JobCompletion(l))], Bound)).Should().AllBeEquivalentTo(LeaseOutcome.Done);
    }

    private string Header() => $"1;{JobId.Create(Queue, tracked: false, TimeProvider.System).Ulid};1;0;1;1;n;;;;;test.job";

    private async Task<(string[] Queues, IJobConsumer Consumer)> OpenManyAsync(int count, RedisJobQueue? client = null)
    {
        string[] queues = [.. Enumerable.Range(0, count).Select(i => $"{Queue}-{i}")];
        return (queues, await OpenAsync("c1", queues, client));
    }

    private async Task EnqueueToAsync(params string[] queues) =>
        await Jobs.EnqueueAsync([.. queues.Select(queue => new JobRequest { Queue = queue, Type = "test.job" })], Bound);
}
