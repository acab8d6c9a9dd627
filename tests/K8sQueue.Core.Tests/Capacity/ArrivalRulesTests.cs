using FsCheck;
using FsCheck.Fluent;
using K8sQueue.Core.Capacity;

namespace K8sQueue.Core.Tests.Capacity;

public sealed class ArrivalRulesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_arrived_within_a_minute_is_that_minutes() =>
        ArrivalRules.Spread(Noon.AddSeconds(10), Noon.AddSeconds(20), 7).Should().Equal((ArrivalRules.MinuteOf(Noon), 7));

    [Fact]
    public void What_arrived_over_a_gap_is_spread_evenly() =>
        ArrivalRules.Spread(Noon.AddSeconds(30), Noon.AddSeconds(150), 120).Select(part => part.Jobs).Should().Equal(30, 60, 30);

    [Fact]
    public void All_of_it_is_given_and_no_minute_gets_more_than_its_part() => Prop.ForAll(
        Gen.Choose(0, 3_600_000).ToArbitrary(),
        Gen.Choose(0, 60_000).ToArbitrary(),
        Gen.Choose(0, 1_000_000).ToArbitrary(),
        (gap, offset, jobs) =>
        {
            var from = Noon.AddMilliseconds(offset);
            var parts = ArrivalRules.Spread(from, from.AddMilliseconds(gap), jobs).ToList();
            return parts.Sum(part => part.Jobs) == jobs
                && parts.All(part => part.Jobs > 0 && part.Jobs <= 1 + (60_000.0 * jobs / Math.Max(gap, 60_000)) + (gap < 60_000 ? jobs : 0));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Looks_at_the_same_moment_lose_nothing() =>
        ArrivalRules.Spread(Noon, Noon, 3).Should().Equal((ArrivalRules.MinuteOf(Noon), 3));
}
