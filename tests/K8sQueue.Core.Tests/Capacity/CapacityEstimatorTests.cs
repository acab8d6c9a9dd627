using FsCheck;
using FsCheck.Fluent;
using K8sQueue.Core.Capacity;

namespace K8sQueue.Core.Tests.Capacity;

public sealed class CapacityEstimatorTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 30, TimeSpan.Zero);
    private static readonly DateTimeOffset Minute = Now.AddSeconds(-30);

    [Theory]
    [InlineData(10, 0.8, 10)]
    [InlineData(100, 0.25, 32)]
    [InlineData(1, 0.001, 1)]
    [InlineData(0.5, 60, 38)]
    public void Slots_are_peak_rate_by_mean_duration_and_a_quarter_more(double peak, double seconds, int slots) =>
        CapacityRules.RecommendSlots(peak, TimeSpan.FromSeconds(seconds)).Should().Be(slots);

    [Fact]
    public void Recommended_slots_run_the_peak_with_a_fifth_of_them_free_and_one_less_would_not() => Prop.ForAll(
        Gen.Choose(1, 1_000_000).ToArbitrary(),
        Gen.Choose(1, 3_600_000).ToArbitrary(),
        (millijobs, milliseconds) =>
        {
            var (rate, duration) = (millijobs / 1000.0, TimeSpan.FromMilliseconds(milliseconds));
            var slots = CapacityRules.RecommendSlots(rate, duration)!.Value;
            var needed = rate * duration.TotalSeconds;
            return slots >= 1 && needed <= (0.8 * slots) + 1e-6 && (slots == 1 || needed > (0.8 * (slots - 1)) - 1e-6);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Workers_are_whole_ones()
    {
        CapacityRules.RecommendWorkers(21, 10).Should().Be(3);
        CapacityRules.RecommendWorkers(20, 10).Should().Be(2);
        CapacityRules.RecommendWorkers(1, 10).Should().Be(1);
    }

    [Fact]
    public void Of_an_empty_history_nothing_is_known() => Estimate().Should().Be(new QueueCapacity());

    [Fact]
    public void Arrivals_are_those_of_this_minute_and_the_one_before_and_the_peak_is_the_busiest_of_the_hour()
    {
        var capacity = Estimate(Now.AddHours(-1), Arrived(-40, 6000), Arrived(-1, 60), Arrived(0, 30));

        capacity.ArrivalRate.Should().Be(1);
        capacity.PeakArrivalRate.Should().Be(100);
        capacity.RecommendedSlots.Should().BeNull("nothing is known of durations");
    }

    [Fact]
    public void A_quiet_queue_that_is_looked_at_has_a_rate_of_zero_and_no_recommendation()
    {
        var capacity = Estimate(Now.AddHours(-1), Reported(-30, durations: [1]));

        capacity.ArrivalRate.Should().Be(0);
        capacity.PeakArrivalRate.Should().Be(0);
        capacity.RecommendedSlots.Should().BeNull();
        capacity.RecommendedWorkers.Should().BeNull();
    }

    [Theory]
    [InlineData(5, false, false)]
    [InlineData(20, true, false)]
    [InlineData(70, true, true)]
    public void Soon_after_the_first_look_rates_are_not_known(int secondsAgo, bool rate, bool peak)
    {
        var capacity = Estimate(Now.AddSeconds(-secondsAgo), Arrived(0, 10), Reported(0, durations: [1]));

        capacity.ArrivalRate.HasValue.Should().Be(rate);
        capacity.PeakArrivalRate.HasValue.Should().Be(peak);
        capacity.RecommendedSlots.HasValue.Should().Be(peak);
    }

    [Fact]
    public void The_rate_of_a_queue_that_is_looked_at_for_less_than_a_minute_is_that_of_its_time() =>
        Estimate(Now.AddSeconds(-20), Arrived(0, 100)).ArrivalRate.Should().Be(5);

    [Fact]
    public void Times_are_those_of_the_hour_and_slots_those_of_now()
    {
        var capacity = Estimate(
            Now.AddHours(-1),
            Arrived(-5, 1200),
            Reported(-30, concurrency: 4, durations: [1, 3], busy: 4),
            Reported(-1, concurrency: 10, durations: [2], busy: 2, occupied: 5),
            Reported(0, concurrency: 10, durations: [2], busy: 3, occupied: 5));

        capacity.MeanDuration.Should().Be(TimeSpan.FromSeconds(2));
        capacity.DurationP95!.Value.TotalSeconds.Should().BeInRange(2.6, 3.7);
        capacity.MeanWait.Should().Be(TimeSpan.FromSeconds(1));
        capacity.Utilization.Should().BeApproximately(0.5, 1e-9);
        capacity.SlotsInUse.Should().BeApproximately(2.5 * 20 / 70, 1e-9, "two reports of 10 s stand for the 70 s from the first to the last");
        capacity.SlotsPerWorker.Should().Be(10);
        capacity.RecommendedSlots.Should().Be(50);
        capacity.RecommendedWorkers.Should().Be(5);
    }

    [Fact]
    public void A_pool_at_zero_is_planned_by_what_its_workers_were()
    {
        var capacity = Estimate(Now.AddHours(-1), Arrived(-1, 600), Reported(-20, concurrency: 8, durations: [1]));

        capacity.Utilization.Should().BeNull();
        capacity.SlotsInUse.Should().BeNull();
        capacity.Slots.Should().BeNull();
        capacity.RecommendedSlots.Should().Be(13);
        capacity.RecommendedWorkers.Should().Be(2);
    }

    private static QueueCapacity Estimate(DateTimeOffset? since = null, params LoadMinute[] minutes) =>
        CapacityEstimator.Estimate(new LoadHistory { Now = Now, ObservedSince = since, Entries = minutes });

    private static LoadMinute Arrived(int minute, long jobs) => new() { Start = Minute.AddMinutes(minute), Arrivals = jobs };

    // One report of 10 s, 20 s into the minute.
    private static LoadMinute Reported(int minute, int[] durations, int concurrency = 1, double busy = 0, double occupied = 0)
    {
        var (ran, waited) = (new LoadHistogram(), new LoadHistogram());
        foreach (var seconds in durations)
        {
            ran.Add(TimeSpan.FromSeconds(seconds));
            waited.Add(TimeSpan.FromSeconds(1));
        }

        return new LoadMinute
        {
            Start = Minute.AddMinutes(minute),
            From = Minute.AddMinutes(minute).AddSeconds(10),
            Until = Minute.AddMinutes(minute).AddSeconds(20),
            Load = new LoadSample
            {
                Durations = ran,
                Waits = waited,
                Busy = TimeSpan.FromSeconds(busy * 10),
                Occupied = TimeSpan.FromSeconds(occupied * 10),
                Slots = TimeSpan.FromSeconds(concurrency * 10),
                Elapsed = TimeSpan.FromSeconds(10),
            },
        };
    }
}
