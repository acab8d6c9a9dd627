using System.Globalization;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Core.Tests.Compliance;
using K8sQueue.Testing;
using Xunit.Abstractions;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>Limits are kept by the scripts, whatever reads.</summary>
public sealed class RedisLimitTests(RedisFixture redis, ITestOutputHelper output) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    private const int Batch = 60;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task In_no_window_of_a_period_more_start_than_the_rate_and_the_burst_and_no_consumer_starves(int number)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"run {number}, seed {seed}");
        var random = new Random(seed);
        var rate = new QueueRate(random.Next(10, 60), TimeSpan.FromMilliseconds(random.Next(200, 400))) { Burst = random.Next(10, 30) };
        await Jobs.SetLimitsAsync(Queue, new QueueLimits { Rate = rate }, Bound);
        await EnqueueAsync(4000, tracked: true);
        var consumers = new List<IJobConsumer>();
        for (var i = 0; i < 3; i++)
            consumers.Add(await OpenAsync($"c{i}", Client(o => o.IdleWait = TimeSpan.FromMilliseconds(50))));

        // More than the burst, so that several periods pass; and each gets its turn.
        var (taken, enough) = (new int[consumers.Count], rate.Burst + (4 * rate.Jobs));
        await Task.WhenAll(consumers.Select((consumer, i) => WorkAsync(
            consumer, new Random(random.Next()), count => taken[i] += count, () => taken.Contains(0) || taken.Sum() < enough)));

        var events = await Jobs.ReadEventsAsync(Queue, JobEventId.Start, 10_000, TimeSpan.Zero, Bound);
        var starts = events.Events.Where(e => e.Kind == JobEventKind.Started).Select(e => (double)e.Id.Time).ToList();
        starts.Should().HaveCount(taken.Sum());
        RateRules.ShouldKeep(starts, rate, slack: 2);
    }

    [Fact]
    public async Task A_queue_with_limits_is_never_read_with_a_blocking_read()
    {
        var name = $"pod-{Queue}";
        var client = Client(o => o.ClientName = name);
        await Jobs.SetLimitsAsync(Queue, new QueueLimits { Concurrency = 5 }, Bound);
        var consumer = await OpenAsync("c1", client);
        var fetch = consumer.FetchAsync(1, Bound).AsTask();
        while (!fetch.IsCompleted)
            Connections(name).Should().NotContain(c => c.Contains("cmd=xreadgroup", StringComparison.Ordinal));

        (await fetch).Should().BeEmpty();
    }

    [Fact]
    public async Task Plain_reads_keep_limits_that_are_set_meanwhile()
    {
        await EnqueueAsync(6 * Batch);
        var consumer = await OpenAsync("c1");
        await consumer.FetchAsync(Batch, Bound);
        (await consumer.FetchAsync(Batch, Bound)).Should().HaveCount(Batch);
        await Jobs.SetLimitsAsync(Queue, new QueueLimits { Concurrency = (2 * Batch) + 7 }, Bound);

        (await consumer.FetchAsync(Batch, Bound)).Should().HaveCount(7);
        (await consumer.FetchAsync(Batch, Bound)).Should().BeEmpty();

        (await StatisticsAsync()).Should().BeEquivalentTo(
            new { StartedTotal = (2L * Batch) + 7, ReleasedTotal = 0L, Backlog = new Backlog((4 * Batch) - 7, (2 * Batch) + 7, Paused: false) });
    }

    [Fact]
    public async Task Who_does_not_hear_of_limits_is_kept_to_them_too()
    {
        await EnqueueAsync(5);
        await OpenAsync("c1");
        await Jobs.SetLimitsAsync(Queue, new QueueLimits { Rate = new QueueRate(3, TimeSpan.FromHours(1)) }, Bound);

        var first = Run(RedisScript.Fetch, "c1", "5", "0", "0").Items!;
        first[0].Integer.Should().Be(0);
        first[2].Items.Should().HaveCount(3);
        Run(RedisScript.Fetch, "c1", "5", "0", "0").Items.Should().ContainSingle().Which.Integer.Should().Be(0);
        Run(RedisScript.Fetch, "c1", "5", "0", "0", "1").Items!.Select(i => i.Integer).Should().Match(
            i => i.First() == 3 && i.ElementAt(1) == 1 && i.ElementAt(2) > 1_190_000, "the next one may start in twenty minutes");
    }

    [Fact]
    public async Task As_many_start_as_the_rate_has_earned_meanwhile()
    {
        await EnqueueAsync(10);
        await OpenAsync("c1");
        await Jobs.SetLimitsAsync(Queue, new QueueLimits { Rate = new QueueRate(3, TimeSpan.FromHours(1)) }, Bound);
        Run(RedisScript.Fetch, "c1", "5", "0", "0").Items![2].Items.Should().HaveCount(3);
        var fortyMinutesAgo = long.Parse(Raw("HGET", Keys.Limits, "at").Text, CultureInfo.InvariantCulture) - (40 * 60_000);
        Raw("HSET", Keys.Limits, "at", $"{fortyMinutesAgo}");

        Run(RedisScript.Fetch, "c1", "5", "0", "0").Items![2].Items.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_clock_that_goes_back_lets_nothing_through_and_holds_nothing_up()
    {
        await EnqueueAsync(5);
        await OpenAsync("c1");
        await Jobs.SetLimitsAsync(Queue, new QueueLimits { Rate = new QueueRate(10, TimeSpan.FromSeconds(1)) { Burst = 1 } }, Bound);
        Run(RedisScript.Fetch, "c1", "1", "0", "0").Items.Should().HaveCount(3);
        var tomorrow = TimeProvider.System.GetUtcNow().AddDays(1).ToUnixTimeMilliseconds();
        Raw("HSET", Keys.Limits, "at", $"{tomorrow}");

        Run(RedisScript.Fetch, "c1", "1", "0", "0").Items.Should().ContainSingle("nothing was earned");

        await Eventually.IsTrue(() => Run(RedisScript.Fetch, "c1", "1", "0", "0").Items!.Length > 1);
    }

    [Fact]
    public async Task What_was_delivered_before_limits_were_set_goes_back_uncounted()
    {
        await EnqueueAsync(3);
        var consumer = await OpenAsync("c1");
        Raw("XREADGROUP", "GROUP", "workers", "c1~", "COUNT", "3", "STREAMS", Keys.LaneKey(Lane.Normal), ">");
        await Jobs.SetLimitsAsync(Queue, new QueueLimits { Concurrency = 1 }, Bound);

        Run(RedisScript.Fetch, "c1", "5", "0", "1", "1").Items![4].Items.Should().HaveCount(1);

        (await StatisticsAsync()).Should().BeEquivalentTo(new { StartedTotal = 1L, ReleasedTotal = 0L, Backlog = new Backlog(2, 1, Paused: false) });
        (await consumer.FetchAsync(5, Bound)).Should().BeEmpty();
    }

    private async Task WorkAsync(IJobConsumer consumer, Random random, Action<int> took, Func<bool> goesOn)
    {
        while (goesOn())
        {
            var leases = await consumer.FetchAsync(random.Next(1, 20), Bound);
            took(leases.Count);
            await consumer.CompleteAsync([.. leases.Select(l => new JobCompletion(l))], Bound);
        }
    }

    private async Task EnqueueAsync(int jobs, bool tracked = false) => await Jobs.EnqueueAsync(
        [.. Enumerable.Repeat(new JobRequest { Queue = Queue, Type = "t", Tracked = tracked }, jobs)], Bound);
}
