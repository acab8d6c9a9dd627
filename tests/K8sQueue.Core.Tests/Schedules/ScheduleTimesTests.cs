using System.Globalization;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Core.Tests.Schedules;

public sealed class ScheduleTimesTests
{
    [Theory]

    // Berlin, 29 March 2026: from 02:00 to 03:00. What is jumped over is the moment of the jump.
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-03-28T22:00Z", "2026-03-29T01:00Z", "2026-03-30T00:30Z")]
    [InlineData("0 2 * * *", "Europe/Berlin", "2026-03-28T22:00Z", "2026-03-29T01:00Z", "2026-03-30T00:00Z")]
    [InlineData("15,45 2 * * *", "Europe/Berlin", "2026-03-28T22:00Z", "2026-03-29T01:00Z", "2026-03-30T00:15Z", "2026-03-30T00:45Z")]
    [InlineData("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:29Z", "2026-03-29T00:30Z", "2026-03-29T01:00Z", "2026-03-29T01:30Z")]

    // Berlin, 25 October 2026: from 03:00 back to 02:00. A time of day comes once, what goes on by steps goes on.
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", "2026-10-25T00:30Z", "2026-10-26T01:30Z")]
    [InlineData("*/30 * * * *", "Europe/Berlin", "2026-10-24T23:59Z", "2026-10-25T00:00Z", "2026-10-25T00:30Z", "2026-10-25T01:00Z", "2026-10-25T01:30Z")]
    [InlineData("30 * * * *", "Europe/Berlin", "2026-10-25T00:00Z", "2026-10-25T00:30Z", "2026-10-25T01:30Z", "2026-10-25T02:30Z")]

    [InlineData("59 59 2 * * ?", "Europe/Berlin", "2026-10-25T00:59:58Z", "2026-10-25T00:59:59Z", "2026-10-26T01:59:59Z")]
    [InlineData("0 30 2 25-31 10 ?", "Europe/Berlin", "2026-10-25T00:59:59Z", "2026-10-26T01:30Z")]
    [InlineData("@hourly", "Europe/Berlin", "2026-10-24T23:30Z", "2026-10-25T00:00Z", "2026-10-25T01:00Z", "2026-10-25T02:00Z")]
    [InlineData("59 59 0-4 * * ?", "Europe/Berlin", "2026-10-25T00:00Z", "2026-10-25T00:59:59Z", "2026-10-25T01:59:59Z", "2026-10-25T02:59:59Z")]

    // A gap at midnight, one of half an hour, and a day that there never was.
    [InlineData("0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00Z", "2018-11-04T03:00Z", "2018-11-05T02:00Z")]
    [InlineData("10 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00Z", "2026-10-03T15:30Z", "2026-10-04T15:10Z")]
    [InlineData("0 12 * * *", "Pacific/Apia", "2011-12-29T12:00Z", "2011-12-29T22:00Z", "2011-12-30T22:00Z")]

    // Ends of months and leap years.
    [InlineData("0 0 31 * *", "UTC", "2026-01-31T00:00Z", "2026-03-31T00:00Z", "2026-05-31T00:00Z")]
    [InlineData("0 0 0 L * ?", "UTC", "2026-01-31T00:00Z", "2026-02-28T00:00Z", "2026-03-31T00:00Z")]
    [InlineData("0 0 0 L * ?", "UTC", "2028-02-01T00:00Z", "2028-02-29T00:00Z")]
    [InlineData("0 0 0 LW * ?", "UTC", "2026-05-01T00:00Z", "2026-05-29T00:00Z")]
    [InlineData("0 0 29 2 *", "UTC", "2026-01-01T00:00Z", "2028-02-29T00:00Z", "2032-02-29T00:00Z")]
    [InlineData("0 0 29 2 *", "UTC", "2096-02-29T00:00Z", "2104-02-29T00:00Z")]

    // Either day is enough.
    [InlineData("0 0 13 * 5", "UTC", "2026-01-09T00:00Z", "2026-01-13T00:00Z", "2026-01-16T00:00Z")]
    [InlineData("0 0 12 1 1 ? 2099", "UTC", "2026-01-01T00:00Z", "2099-01-01T12:00Z")]
    public void The_next_times_are(string cron, string zone, string after, params string[] expected)
    {
        var times = Times(cron, zone);
        var time = Time(after);
        foreach (var next in expected)
        {
            times.Next(time).Should().Be(Time(next));
            time = Time(next);
        }
    }

    [Theory]
    [InlineData("0 0 30 2 *")]
    [InlineData("0 0 12 1 1 ? 2025")]
    [InlineData("0 0 0 29 2 ? 2100")]
    [InlineData("0 0 0 ? 2 FRI#5 2027")]
    public void There_may_be_none(string cron)
    {
        Times(cron, "UTC").Next(Time("2026-01-01T00:00Z")).Should().BeNull();
        Times(cron, "UTC").Latest(Time("2026-01-01T00:00Z"), Time("2150-01-01T00:00Z"), 5).Should().BeEmpty();
    }

    [Fact]
    public void The_end_of_time_is_no_fault()
    {
        Times("0 0 * * *", "Pacific/Apia").Next(DateTimeOffset.MaxValue).Should().BeNull();
        Times("0 0 * * *", "America/New_York").Next(DateTimeOffset.MinValue).Should().NotBeNull();
    }

    [Fact]
    public void The_latest_of_a_very_long_time_are_found_at_once()
    {
        var times = Times("* * * * * ?", "Europe/Berlin");
        var (from, until) = (Time("2016-01-01T00:00Z"), Time("2026-01-01T00:00Z"));

        times.Latest(from, until, 3).Should().Equal(until.AddSeconds(-2), until.AddSeconds(-1), until);
        Times("* * * 1 1 ?", "UTC").Latest(from, until.AddDays(-1), 2).Should().Equal(Time("2025-01-01T23:59:58Z"), Time("2025-01-01T23:59:59Z"));
    }

    [Fact]
    public void Where_a_second_comes_twice_an_expression_of_every_second_goes_through_both()
    {
        var from = Time("2026-10-24T23:59:59Z");

        Times("* * * * * ?", "Europe/Berlin").Latest(from, from.AddHours(3), int.MaxValue)
            .Should().Equal(Enumerable.Range(0, (3 * 3600) + 1).Select(s => from.AddSeconds(s)));
    }

    [Fact]
    public void Times_are_the_same_wherever_one_begins_to_look()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        string[] zones = ["UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Africa/Cairo", "America/St_Johns", "Pacific/Apia"];
        for (var i = 0; i < 300; i++)
        {
            var (cron, zone) = (RandomCron.Next(random), zones[random.Next(zones.Length)]);
            var times = Times(cron, zone);
            var start = NearAChange(random, TimeZoneInfo.FindSystemTimeZoneById(zone));
            var all = new List<DateTimeOffset>();
            for (var next = times.Next(start); next is not null && all.Count < 60; next = times.Next(next.Value))
                all.Add(next.Value);
            all.Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
            if (all.Count == 0)
                continue;
            var because = $"of {cron} in {zone} after {start:o}, seed {seed}";

            var from = start + ((all[^1] - start) * random.NextDouble());
            times.Next(from).Should().Be(all.First(t => t > from), because);
            var until = from + ((all[^1] - from) * random.NextDouble());
            var max = random.Next(1, 6);
            times.Latest(from, until, max).Should().Equal(all.Where(t => t >= from && t <= until).TakeLast(max), because);
        }
    }

    private static DateTimeOffset NearAChange(Random random, TimeZoneInfo zone)
    {
        var time = new DateTimeOffset(random.Next(2010, 2031), random.Next(1, 13), random.Next(1, 28), 0, 0, 0, TimeSpan.Zero);
        var offset = zone.GetUtcOffset(time);
        for (var hours = 0; hours < 24 * 366 && random.Next(9000) > 0; hours++, time = time.AddHours(1))
        {
            if (zone.GetUtcOffset(time) != offset)
                break;
        }

        return time.AddMinutes(-random.Next(600)).AddMilliseconds(random.Next(3) == 0 ? random.Next(1000) : 0);
    }

    internal static ScheduleTimes Times(string cron, string zone)
    {
        CronText.TryParse(cron, out var expression, out var trouble).Should().BeTrue(trouble);
        return new ScheduleTimes(expression!, TimeZoneInfo.FindSystemTimeZoneById(zone));
    }

    internal static DateTimeOffset Time(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
}
