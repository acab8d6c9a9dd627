using K8sQueue.Operator.Drains;

namespace K8sQueue.Operator.Tests.Drains;

public sealed class DrainSelectionTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Idle_workers_go_before_busy_ones()
    {
        var selection = Select(wanted: 1, Worker("a", 3), Worker("b", 0), Worker("c", 1));

        selection.Victims.Select(pod => pod.Name).Should().Equal("b", "c");
    }

    [Fact]
    public void A_pod_in_which_nothing_runs_and_nothing_answers_is_idle()
    {
        var crashing = Worker("a", 0) with { Stage = PodStage.Stopped, Answer = new WorkerAnswer.Silence("refused") };

        Select(wanted: 1, Worker("b", 1), crashing).Victims.Should().Equal(crashing);
    }

    [Fact]
    public void A_worker_that_recycles_is_not_idle() =>
        (Worker("a", 0) with { Answer = new WorkerAnswer.Report(0, Quiesced: true, Draining: true) }).IsConfirmedIdle.Should().BeFalse();

    [Fact]
    public void Nobody_is_chosen_who_may_be_busy_where_only_idle_ones_may_go_and_nobody_knows()
    {
        var silent = Worker("a", 0) with { Answer = new WorkerAnswer.Silence("no answer") };

        Select(wanted: 0, idleOnly: true, silent).Victims.Should().BeEmpty();
        Select(wanted: 0, idleOnly: false, silent).Victims.Should().Equal(silent);
    }

    [Fact]
    public void Demand_that_returns_takes_the_busiest_back_first()
    {
        var selection = Select(wanted: 1, Worker("a", 0, draining: 1), Worker("b", 2, draining: 1));

        selection.Victims.Select(pod => pod.Name).Should().Equal("a");
        selection.Resumed.Select(pod => pod.Name).Should().Equal("b");
    }

    [Fact]
    public void One_that_became_idle_takes_the_place_of_one_that_is_waited_for()
    {
        var selection = Select(wanted: 1, idleOnly: true, Worker("a", 1, draining: 5), Worker("b", 0));

        selection.Victims.Select(pod => pod.Name).Should().Equal("b");
        selection.Resumed.Select(pod => pod.Name).Should().Equal("a");
    }

    [Fact]
    public void A_late_worker_is_taken_back_and_others_are_tried()
    {
        var selection = Select(wanted: 1, idleOnly: true, Worker("a", 1, draining: 30), Worker("b", 4));

        selection.TimedOut.Select(pod => pod.Name).Should().Equal("a");
        selection.Victims.Select(pod => pod.Name).Should().Equal("b");
    }

    [Fact]
    public void A_late_worker_stays_chosen_where_all_have_to_go()
    {
        var selection = Select(wanted: 0, idleOnly: true, Worker("a", 1, draining: 30));

        selection.TimedOut.Should().BeEmpty();
        selection.Victims.Should().ContainSingle();
    }

    [Fact]
    public void Of_those_that_were_late_the_one_that_was_longest_ago_is_tried_first()
    {
        var selection = Select(
            wanted: 2, idleOnly: true,
            Worker("a", 1) with { SparedAt = Now.AddSeconds(-5) }, Worker("b", 9) with { SparedAt = Now.AddSeconds(-50) }, Worker("c", 1, draining: 30));

        selection.Victims.Select(pod => pod.Name).Should().Equal("b");
    }

    [Fact]
    public void Without_a_management_port_the_oldest_goes()
    {
        var round = Round(wanted: 1, idleOnly: false, Worker("a", 0), Worker("b", 0) with { CreatedAt = Now.AddHours(-2) }) with { IsAsked = false };

        DrainSelection.Of(round).Victims.Select(pod => pod.Name).Should().Equal("b");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Among_equals_the_cheaper_goes_before_the_older(bool isAsked)
    {
        var round = Round(
            wanted: 2, idleOnly: false,
            Worker("a", 0) with { CreatedAt = Now.AddHours(-2) }, Worker("b", 0) with { DeletionCost = -1 }, Worker("c", 0) with { DeletionCost = 5 });

        DrainSelection.Of(round with { IsAsked = isAsked }).Victims.Select(pod => pod.Name).Should().Equal("b");
    }

    [Fact]
    public void A_busy_worker_does_not_go_before_an_idle_one_for_being_cheap() =>
        Select(wanted: 1, Worker("a", 1) with { DeletionCost = -9 }, Worker("b", 0)).Victims.Select(pod => pod.Name).Should().Equal("b");

    [Fact]
    public void A_limit_a_minute_holds()
    {
        var round = Round(wanted: 0, idleOnly: false, Worker("a", 0), Worker("b", 0)) with { MostRemovals = 1 };

        DrainSelection.Of(round).Victims.Should().ContainSingle();
    }

    [Fact]
    public void No_more_are_chosen_in_a_round_than_it_can_tell_and_mark_in_time()
    {
        var idle = Enumerable.Range(0, 500).Select(i => Worker(FormattableString.Invariant($"new-{i}"), 0));
        var draining = Enumerable.Range(0, 300).Select(i => Worker(FormattableString.Invariant($"old-{i}"), 0, draining: 1));

        var selection = Select(wanted: 0, [.. idle, .. draining]);

        selection.Victims.Count(pod => !pod.IsDraining).Should().Be(200);
        selection.Victims.Count(pod => pod.IsDraining).Should().Be(300);
        selection.Resumed.Should().BeEmpty();
    }

    [Fact]
    public void Only_idle_ones_are_removed_where_only_they_may_go()
    {
        var busy = Worker("a", 1, draining: 500);
        var round = Round(wanted: 0, idleOnly: true, busy);

        DrainVerdicts.Of(busy, round).Should().Be(DrainVerdict.Wait);
        DrainVerdicts.Of(Worker("b", 0, draining: 1), round).Should().Be(DrainVerdict.RemoveIdle);
        DrainVerdicts.Of(Worker("c", 0), round).Should().Be(DrainVerdict.Wait, "it was not told to fetch no more");
    }

    [Fact]
    public void A_busy_one_waits_while_another_is_idle()
    {
        var busy = Worker("a", 1, draining: 1);

        DrainVerdicts.Of(busy, Round(wanted: 1, idleOnly: false, busy, Worker("b", 0))).Should().Be(DrainVerdict.Wait);
        DrainVerdicts.Of(busy, Round(wanted: 1, idleOnly: false, busy, Worker("b", 2))).Should().Be(DrainVerdict.RemoveBusy);
    }

    [Fact]
    public void A_busy_one_waits_while_others_were_not_asked_yet()
    {
        var busy = Worker("a", 1, draining: 1);
        var unasked = Worker("b", 0) with { Answer = null };

        DrainVerdicts.Of(busy, Round(wanted: 1, idleOnly: false, busy, unasked)).Should().Be(DrainVerdict.Wait);
        var late = busy with { DrainingSince = Now.AddSeconds(-6) };
        DrainVerdicts.Of(late, Round(wanted: 1, idleOnly: false, late, unasked)).Should().Be(DrainVerdict.RemoveBusy);
    }

    /// <param name="name">The pod's.</param>
    /// <param name="inFlight">Jobs.</param>
    /// <param name="draining">Seconds since it was chosen, and quiesced; null for not.</param>
    private static DrainCandidate Worker(string name, int inFlight, int? draining = null) => new(
        name, name, PodStage.Running, IsReady: true, Now.AddHours(-1), draining is { } seconds ? Now.AddSeconds(-seconds) : null, null,
        new WorkerAnswer.Report(inFlight, Quiesced: draining is not null, Draining: false));

    private static DrainSelection Select(int wanted, params DrainCandidate[] pods) => Select(wanted, false, pods);

    private static DrainSelection Select(int wanted, bool idleOnly, params DrainCandidate[] pods) => DrainSelection.Of(Round(wanted, idleOnly, pods));

    private static DrainRound Round(int wanted, bool idleOnly, params DrainCandidate[] pods) =>
        new(idleOnly, IsAsked: true, wanted, int.MaxValue, TimeSpan.FromSeconds(30), Now, pods);
}
