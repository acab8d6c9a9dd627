using K8sQueue.Operator.Scaling;
using K8sQueue.Testing;

namespace K8sQueue.Operator.Tests.Scaling;

public sealed class ReplicaDemandTests
{
    private static readonly TimeSpan Polling = TimeSpan.FromSeconds(10);
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void More_counts_at_once()
    {
        var demand = new ReplicaDemand(1, _time);

        Observe(demand, 7).Replicas.Should().Be(7);
    }

    [Fact]
    public void Less_counts_after_the_window()
    {
        var demand = new ReplicaDemand(0, _time);
        Observe(demand, 7);
        _time.Advance(TimeSpan.FromMinutes(5));

        var first = Observe(demand, 3);
        first.Should().Be(new DemandDecision(7, TimeSpan.FromSeconds(45), false));
        _time.Advance(TimeSpan.FromSeconds(44));
        Observe(demand, 3).Replicas.Should().Be(7);
        _time.Advance(TimeSpan.FromSeconds(1));
        Observe(demand, 3).Replicas.Should().Be(3);
    }

    [Fact]
    public void The_highest_wish_of_the_window_counts()
    {
        var demand = new ReplicaDemand(0, _time);
        foreach (var wish in new[] { 9, 2, 6, 3 })
        {
            Observe(demand, wish);
            _time.Advance(TimeSpan.FromSeconds(20));
        }

        Observe(demand, 3).Replicas.Should().Be(6, "nine ended 60 s ago, six 20 s ago");
    }

    [Fact]
    public void Zero_on_KEDAs_word_counts_at_once_and_forgets_what_was()
    {
        var demand = new ReplicaDemand(0, _time);
        Observe(demand, 7);

        Observe(demand, 0, zeroIsMeant: true).Should().Be(new DemandDecision(0, null, false));
        Observe(demand, 1).Replicas.Should().Be(1);
    }

    [Fact]
    public void Zero_without_a_word_changes_nothing_however_long_it_lasts()
    {
        var demand = new ReplicaDemand(0, _time);
        Observe(demand, 7);
        for (var i = 0; i < 20; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            Observe(demand, 0).Should().Be(new DemandDecision(7, null, true));
        }

        Observe(demand, 1).Replicas.Should().Be(7, "that is KEDA waking the HPA up");
    }

    [Fact]
    public void A_restart_goes_on_from_the_status()
    {
        var demand = new ReplicaDemand(5, _time);

        Observe(demand, 0).Replicas.Should().Be(5);
        Observe(demand, 1).Replicas.Should().Be(5);
        _time.Advance(TimeSpan.FromSeconds(46));
        Observe(demand, 1).Replicas.Should().Be(1);
    }

    [Fact]
    public void A_replace_without_replicas_costs_a_big_pool_nothing_while_the_autoscaler_climbs_back()
    {
        var demand = new ReplicaDemand(0, _time);
        Observe(demand, 60);
        _time.Advance(TimeSpan.FromMinutes(10));

        Observe(demand, 0).Replicas.Should().Be(60);
        foreach (var (seconds, wish) in new[] { (1, 1), (10, 5), (15, 10), (15, 20), (15, 40), (15, 60) })
        {
            _time.Advance(TimeSpan.FromSeconds(seconds));
            Observe(demand, wish).Replicas.Should().Be(60);
        }

        Observe(demand, 50);
        _time.Advance(TimeSpan.FromSeconds(45));
        Observe(demand, 50).Replicas.Should().Be(50, "it is back, and from there less counts as ever");
    }

    [Fact]
    public void A_climb_that_ends_lower_counts_a_window_after_its_last_rise()
    {
        var demand = new ReplicaDemand(0, _time);
        Observe(demand, 60);
        Observe(demand, 0);
        foreach (var wish in new[] { 1, 10, 20 })
        {
            _time.Advance(TimeSpan.FromSeconds(30));
            Observe(demand, wish).Should().Be(new DemandDecision(60, TimeSpan.FromSeconds(45), false));
        }

        _time.Advance(TimeSpan.FromSeconds(45));
        Observe(demand, 20).Should().Be(new DemandDecision(20, null, false));
    }

    [Fact]
    public void A_restart_amid_a_climb_keeps_what_the_status_says()
    {
        var demand = new ReplicaDemand(60, _time);
        foreach (var wish in new[] { 5, 20, 40 })
        {
            Observe(demand, wish).Replicas.Should().Be(60);
            _time.Advance(TimeSpan.FromSeconds(30));
        }
    }

    [Theory]
    [InlineData(5, 45)]
    [InlineData(15, 45)]
    [InlineData(60, 90)]
    public void The_window_covers_a_poll_and_a_tick_of_the_HPA(int polling, int window) =>
        ReplicaDemand.Window(TimeSpan.FromSeconds(polling)).Should().Be(TimeSpan.FromSeconds(window));

    private static DemandDecision Observe(ReplicaDemand demand, int requested, bool zeroIsMeant = false) => demand.Observe(requested, Polling, zeroIsMeant);
}
