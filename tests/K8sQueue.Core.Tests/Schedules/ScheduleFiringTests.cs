using K8sQueue.Core.Jobs;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Core.Tests.Schedules;

public sealed class ScheduleFiringTests
{
    private static readonly DateTimeOffset Due = ScheduleTimesTests.Time("2026-01-01T10:00Z");
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(MisfirePolicy.FireOnce)]
    [InlineData(MisfirePolicy.Skip)]
    [InlineData(MisfirePolicy.FireAll)]
    public void A_schedule_in_time_starts_once(MisfirePolicy policy)
    {
        var firing = Decide("0 * * * *", policy, late: TimeSpan.FromMilliseconds(700));

        firing.Starts.Should().Equal(Due);
        firing.Next.Should().Be(Due.AddHours(1));
        firing.LeftOut.Should().BeFalse();
    }

    [Fact]
    public void One_start_serves_all_that_were_missed_as_of_the_last_one()
    {
        var firing = Decide("0 * * * *", MisfirePolicy.FireOnce, late: TimeSpan.FromHours(50.5));

        firing.Starts.Should().Equal(Due.AddHours(50));
        firing.Should().BeEquivalentTo(new { Next = Due.AddHours(51), LeftOut = true, ValidUntil = Due.AddHours(51) });
    }

    [Fact]
    public void What_is_missed_by_more_than_the_grace_is_left_out()
    {
        Decide("0 * * * *", MisfirePolicy.Skip, late: TimeSpan.FromHours(2.5))
            .Should().BeEquivalentTo(new { Starts = Array.Empty<DateTimeOffset>(), Next = Due.AddHours(3), LeftOut = true });
        Decide("0 * * * *", MisfirePolicy.Skip, late: TimeSpan.FromHours(2) + ScheduleLimits.DefaultGrace).Starts.Should().Equal(Due.AddHours(2));

        var some = Decide("*/20 * * * * ?", MisfirePolicy.Skip, late: TimeSpan.FromMinutes(10));
        some.Starts.Should().Equal(Enumerable.Range(0, 4).Select(i => Due.AddMinutes(9).AddSeconds(20 * i)));
        some.LeftOut.Should().BeTrue();
        some.ValidUntil.Should().Be(Due.AddMinutes(10).AddMilliseconds(1), "the first of them is as late as it may be");
    }

    [Fact]
    public void Without_a_grace_a_time_is_missed_that_three_looks_have_passed_by()
    {
        var schedule = Schedule("0 * * * *", MisfirePolicy.Skip) with { MisfireGrace = TimeSpan.Zero };
        var times = ScheduleTimesTests.Times("0 * * * *", "UTC");

        var firing = ScheduleFiring.Decide(schedule, times, Due, Due + (3 * Look), Look);

        firing.Starts.Should().Equal(Due);
        firing.ValidUntil.Should().Be(Due + (3 * Look) + TimeSpan.FromMilliseconds(1));
        ScheduleFiring.Decide(schedule, times, Due, firing.ValidUntil, Look).Should().BeEquivalentTo(
            new { Starts = Array.Empty<DateTimeOffset>(), Next = Due.AddHours(1), LeftOut = true });
    }

    [Fact]
    public void Each_that_was_missed_starts_but_of_more_than_a_hundred_the_last_ones()
    {
        Decide("0 * * * *", MisfirePolicy.FireAll, late: TimeSpan.FromHours(99.5)).Should().BeEquivalentTo(
            new { Starts = Enumerable.Range(0, 100).Select(i => Due.AddHours(i)), LeftOut = false, Next = Due.AddHours(100) });
        Decide("0 * * * *", MisfirePolicy.FireAll, late: TimeSpan.FromHours(100.5)).Should().BeEquivalentTo(
            new { Starts = Enumerable.Range(1, 100).Select(i => Due.AddHours(i)), LeftOut = true, Next = Due.AddHours(101) });
    }

    [Fact]
    public void The_last_start_has_no_next_one()
    {
        var firing = Decide("0 0 10 1 1 ? 2026", MisfirePolicy.FireOnce, late: TimeSpan.FromDays(300));

        firing.Should().BeEquivalentTo(new { Starts = new[] { Due }, Next = (DateTimeOffset?)null, ValidUntil = DateTimeOffset.MaxValue });
    }

    [Theory]
    [InlineData(MisfirePolicy.FireOnce)]
    [InlineData(MisfirePolicy.FireAll)]
    public void A_time_that_was_promised_is_kept_though_the_rules_of_its_zone_have_changed(MisfirePolicy policy) =>
        Decide("30 10 * * *", policy, late: TimeSpan.FromMinutes(1)).Starts.Should().Equal(Due);

    [Fact]
    public void Each_time_is_served_as_the_policy_says_whenever_somebody_looks()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var i = 0; i < 300; i++)
        {
            var (cron, policy) = (RandomCron.Next(random), (MisfirePolicy)random.Next(3));
            var times = ScheduleTimesTests.Times(cron, random.Next(2) == 0 ? "UTC" : "America/New_York");
            var now = new DateTimeOffset(random.Next(2020, 2030), 1, 1, 0, 0, 0, TimeSpan.Zero).AddHours(random.Next(8760));
            var schedule = Schedule(cron, policy) with { MisfireGrace = TimeSpan.FromSeconds(random.Next(0, 100_000)) };
            var next = times.Next(now);
            for (var look = 0; look < 20 && next is { } due; look++)
            {
                now = due + ((times.Next(due) ?? due) - due) * random.Next(3) * random.NextDouble() * (random.Next(4) == 0 ? 40 : 1);
                var firing = ScheduleFiring.Decide(schedule, times, due, now, Look);
                var passed = times.Latest(due, now, ScheduleLimits.MaxStarts);
                var expected = policy switch
                {
                    MisfirePolicy.FireOnce => passed.TakeLast(1),
                    MisfirePolicy.FireAll => passed,
                    _ => passed.Where(t => now - t <= schedule.MisfireGrace || now - t <= 3 * Look),
                };
                firing.Starts.Should().Equal(expected, "seed {0}: {1} {2} due {3:o} at {4:o}", seed, cron, policy, due, now);
                (next = firing.Next)?.Should().BeAfter(now);
            }
        }
    }

    [Fact]
    public void A_time_that_the_clocks_show_twice_counts_once_from_wherever_it_is_looked_at()
    {
        var times = ScheduleTimesTests.Times("0 35 1 */9 * ?", "America/New_York");
        var first = new DateTimeOffset(2026, 11, 1, 5, 35, 0, TimeSpan.Zero);
        var following = new DateTimeOffset(2026, 11, 10, 6, 35, 0, TimeSpan.Zero);

        times.Latest(first.AddDays(-4), first.AddDays(2), 1).Should().Equal(first);
        for (var minutes = 0; minutes < 120; minutes++)
            times.Next(first.AddMinutes(minutes)).Should().Be(following);
    }

    private static ScheduleFiring Decide(string cron, MisfirePolicy policy, TimeSpan late)
    {
        var schedule = Schedule(cron, policy);
        schedule.ThrowIfInvalid();
        return ScheduleFiring.Decide(schedule, ScheduleTimesTests.Times(cron, "UTC"), Due, Due + late, Look);
    }

    private static JobSchedule Schedule(string cron, MisfirePolicy policy) =>
        new() { Name = "s", Cron = cron, Misfire = policy, Job = new JobRequest { Queue = "q", Type = "t" } };
}
