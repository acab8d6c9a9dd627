using System.Globalization;
using K8sQueue.Core.Capacity;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>The load's keys: by the minute, and gone when nobody reports any more.</summary>
public sealed class RedisLoadTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    private static readonly LoadSample TenSeconds = new() { Elapsed = TimeSpan.FromSeconds(10), Slots = TimeSpan.FromSeconds(40) };

    [Fact]
    public async Task All_of_it_expires_an_hour_after_it_was_written()
    {
        await Jobs.Load.ReportAsync(Queue, TenSeconds, Bound);
        await EnqueueAsync();
        await Jobs.Load.ReportAsync(Queue, LoadSample.None, Bound);

        var keys = Raw("KEYS", Keys.Load + "*").Items!.Select(key => key.Text).ToList();
        keys.Should().HaveCountGreaterThan(1).And.Contain(Keys.Load);
        foreach (var key in keys)
            Raw("PTTL", key).Integer.Should().BeInRange(3_600_000, 3_660_000, key);
    }

    [Fact]
    public async Task Looking_at_an_idle_queue_leaves_one_key()
    {
        for (var i = 0; i < 3; i++)
            await Jobs.Load.ReportAsync(Queue, LoadSample.None, Bound);

        Raw("KEYS", Keys.Load + "*").Items!.Select(key => key.Text).Should().Equal(Keys.Load);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(9_500, 1)]
    [InlineData(61_000, 1000)]
    [InlineData(600_000, 7)]
    [InlineData(3_540_000, 1_234_567)]
    public async Task A_gap_is_filled_as_the_rules_say(long gap, long jobs)
    {
        await Jobs.Load.ReportAsync(Queue, LoadSample.None, Bound);
        var from = Look("at") - gap;
        Raw("HSET", Keys.Load, "at", $"{from}", "since", $"{from}");
        Raw("HINCRBY", Keys.Statistics, "enqueued", $"{jobs}");

        await Jobs.Load.ReportAsync(Queue, LoadSample.None, Bound);

        var expected = ArrivalRules.Spread(At(from), At(Look("at")), jobs);
        (await Jobs.Load.ReadAsync(Queue, Bound)).Entries.Select(minute => (ArrivalRules.MinuteOf(minute.Start), minute.Arrivals))
            .Should().Equal(expected);
    }

    [Fact]
    public async Task Arrivals_make_a_rate_and_with_durations_a_recommendation()
    {
        await Jobs.Load.ReportAsync(Queue, LoadSample.None, Bound);
        var from = Look("at") - 600_000;
        Raw("HSET", Keys.Load, "at", $"{from}", "since", $"{from}");
        Raw("HINCRBY", Keys.Statistics, "enqueued", "12000");
        var sample = TenSeconds with { Durations = new LoadHistogram() };
        sample.Durations.Add(TimeSpan.FromSeconds(2));
        await Jobs.Load.ReportAsync(Queue, sample, Bound);

        var capacity = await Jobs.GetCapacityAsync(Queue, Bound);

        capacity.ArrivalRate.Should().BeApproximately(20, 0.1);
        capacity.PeakArrivalRate.Should().BeApproximately(20, 0.1);
        capacity.RecommendedSlots.Should().BeInRange(50, 51);
        capacity.RecommendedWorkers.Should().Be(13);
    }

    [Fact]
    public async Task A_server_that_lost_its_totals_is_looked_at_anew()
    {
        await EnqueueAsync();
        await EnqueueAsync();
        await Jobs.Load.ReportAsync(Queue, LoadSample.None, Bound);
        var since = Look("since");
        Raw("DEL", Keys.Statistics);
        await EnqueueAsync();

        (await Jobs.Load.ReadAsync(Queue, Bound)).Entries.Should().BeEmpty();
        await Jobs.Load.ReportAsync(Queue, LoadSample.None, Bound);
        Look("since").Should().BeGreaterThanOrEqualTo(since);
        await EnqueueAsync();
        (await Jobs.Load.ReadAsync(Queue, Bound)).Entries.Should().ContainSingle().Which.Arrivals.Should().Be(1);
    }

    [Fact]
    public async Task Fields_of_a_newer_release_are_passed_over()
    {
        await Jobs.Load.ReportAsync(Queue, TenSeconds, Bound);
        var minute = ArrivalRules.MinuteOf((await Jobs.Load.ReadAsync(Queue, Bound)).Entries.Single().Start);
        Raw("HSET", $"{Keys.LoadPrefix}{minute}", "d999", "5", "wx", "7", "zz", "1");

        var load = (await Jobs.Load.ReadAsync(Queue, Bound)).Entries.Single().Load;

        load.Durations.Count.Should().Be(0);
        load.Slots.Should().Be(TenSeconds.Slots);
    }

    private long Look(string field) => long.Parse(Raw("HGET", Keys.Load, field).Text, CultureInfo.InvariantCulture);

    private static DateTimeOffset At(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
