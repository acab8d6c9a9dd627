using K8sQueue.Operator.Revisions;

namespace K8sQueue.Operator.Tests.Revisions;

public sealed class RevisionRolloutTests
{
    [Fact]
    public void One_revision_has_all_replicas() => Plan(new(5, 0), New(2, ready: 2)).Should().Equal(Sizes(("new", 5)));

    [Fact]
    public void With_room_the_old_one_shrinks_only_by_what_is_ready() =>
        Plan(new(8, 2), New(2, ready: 1), Old(8)).Should().Equal(Sizes(("new", 2), ("old", 7)), "ten is the most");

    [Fact]
    public void Terminating_pods_count_toward_the_surge() =>
        Plan(new(8, 2), New(2, ready: 2), Old(6) with { Terminating = 2 }).Should().Equal(Sizes(("new", 2), ("old", 6)));

    [Fact]
    public void Pods_that_a_Deployment_has_beyond_its_replicas_count_too() =>
        Plan(new(8, 2), New(0, ready: 0), Old(7) with { Active = 10 }).Should().Equal(Sizes(("new", 0), ("old", 7)));

    [Fact]
    public void Without_room_a_quarter_goes_first()
    {
        Plan(new(1, 1) { Spare = 0 }, New(0, ready: 0) with { Room = 0 }, Old(1)).Should().Equal(Sizes(("new", 0), ("old", 0)));
        Plan(new(12, 3) { Spare = 0 }, New(0, ready: 0) with { Room = 0 }, Old(12)).Should().Equal(Sizes(("new", 0), ("old", 9)));
        Plan(new(12, 0), New(0, ready: 0), Old(12)).Should().Equal(Sizes(("new", 0), ("old", 9)), "no surge is no room");
        Plan(new(12, 0), New(0, ready: 0), Old(9)).Should().Equal(Sizes(("new", 3), ("old", 9)));
    }

    [Fact]
    public void A_budget_with_room_for_one_goes_one_by_one_and_costs_nothing() =>
        Plan(new(12, 3) { Spare = 1 }, New(0, ready: 0) with { Room = 1 }, Old(12)).Should().Equal(Sizes(("new", 1), ("old", 12)));

    [Fact]
    public void Pods_that_wait_for_their_grant_take_the_room_first() =>
        Plan(new(12, 3) { Spare = 2 }, New(2, ready: 0) with { Room = 2, Granted = 0 }, Old(12)).Should().Equal(Sizes(("new", 2), ("old", 12)));

    [Fact]
    public void Old_pods_go_beyond_the_quarter_where_the_next_new_one_has_no_room_beside_them()
    {
        var full = new RolloutBounds(3, 1) { Spare = 0, Limit = 1 };
        Plan(full, New(0, ready: 0) with { Room = 0 }, Old(2)).Should().Equal(Sizes(("new", 0), ("old", 2)));
        Plan(full with { MostKept = 0 }, New(0, ready: 0) with { Room = 0 }, Old(2)).Should().Equal(Sizes(("new", 0), ("old", 0)));
        Plan(full with { MostKept = 0 }, New(0, ready: 0) with { Room = 1 }, Old(1) with { Granted = 0, Ready = 0 })
            .Should().Equal(Sizes(("new", 1), ("old", 0)), "what went does not come back when there is room");
        Plan(full with { MostKept = 0, IsStalled = true, Stable = "old" }, New(0, ready: 0) with { Room = 0 }, Old(2))
            .Should().Equal(Sizes(("new", 0), ("old", 3)), "a revision that fails costs nothing");
    }

    [Fact]
    public void Old_pods_that_wait_for_a_grant_that_no_budget_has_room_for_go() =>
        Plan(new(2, 1) { Spare = 0 }, New(0, ready: 0), Old(2) with { Granted = 0, Ready = 0, Room = 0 }).Should().Equal(Sizes(("new", 0), ("old", 0)));

    [Fact]
    public void Of_several_old_revisions_those_that_do_not_serve_go_first() =>
        Plan(new(10, 3), New(0, ready: 0), Old(8, "old"), Old(5, "bad") with { Ready = 0, Number = 5 })
            .Should().Equal(Sizes(("new", 0), ("old", 8), ("bad", 2)), "ten serve or may yet");

    [Fact]
    public void The_current_one_gives_nothing_up_while_the_target_falls_to_what_it_has() =>
        Plan(new(4, 1), New(3, ready: 2), Old(7)).Should().Equal(Sizes(("new", 3), ("old", 2)));

    [Fact]
    public void A_target_of_zero_is_zero_of_all() => Plan(new(0, 0), New(3, ready: 2), Old(7)).Should().Equal(Sizes(("new", 0), ("old", 0)));

    [Fact]
    public void A_stalled_revision_keeps_one_pod_to_see_it_heal_and_the_stable_one_serves() =>
        Plan(new(8, 2) { IsStalled = true, Stable = "old" }, New(4, ready: 1), Old(5))
            .Should().Equal(Sizes(("new", 2), ("old", 6)), "one more fits into ten, and the rest when the two have gone");

    [Fact]
    public void A_stalled_revision_without_room_leaves_all_but_one_of_four_to_the_stable_one()
    {
        Plan(new(8, 2) { Spare = 0, IsStalled = true, Stable = "old" }, New(2, ready: 0) with { Room = 0 }, Old(6) with { Room = 0 })
            .Should().Equal(Sizes(("new", 1), ("old", 6)));
        Plan(new(1, 1) { Spare = 0, IsStalled = true, Stable = "old" }, New(1, ready: 0) with { Room = 0 }, Old(0) with { Room = 0 })
            .Should().Equal(Sizes(("new", 0), ("old", 0)), "the old one comes when the new one has gone");
        Plan(new(1, 1) { Spare = 0, IsStalled = true, Stable = "old" }, New(0, ready: 0) with { Room = 1 }, Old(0) with { Room = 1 })
            .Should().Equal(Sizes(("new", 0), ("old", 1)));
    }

    [Fact]
    public void A_stalled_revision_with_nothing_to_fall_back_to_keeps_trying_at_full_size() =>
        Plan(new(3, 1) { IsStalled = true }, New(3, ready: 0), Old(0)).Should().Equal(Sizes(("new", 3), ("old", 0)));

    [Fact]
    public void A_stalled_revision_that_comes_from_zero_has_the_stable_one_serve_at_once() =>
        Plan(new(4, 1) { IsStalled = true, Stable = "old" }, New(0, ready: 0), Old(0)).Should().Equal(Sizes(("new", 1), ("old", 4)));

    [Fact]
    public void The_history_keeps_the_newest_and_what_a_rollout_falls_back_to()
    {
        RevisionState[] states = [New(2, ready: 2), Gone("a", 1), Gone("b", 2), Gone("c", 3), Old(0, "d") with { Terminating = 1 }];

        Finished(new(2, 1) { HistoryLimit = 2 }, states).Should().Equal("a");
        Finished(new(2, 1) { HistoryLimit = 0 }, states).Should().Equal("c", "b", "a");
        Finished(new(2, 1) { HistoryLimit = 1, Stable = "a" }, states).Should().Equal("c", "b");
        Finished(new(2, 1) { HistoryLimit = 0, Stable = "a" }, states).Should().Equal("c", "b");
    }

    private static IReadOnlyDictionary<string, int> Plan(RolloutBounds bounds, params RevisionState[] revisions) => RevisionRollout.Plan(bounds, revisions).Replicas;

    private static IReadOnlyList<string> Finished(RolloutBounds bounds, RevisionState[] revisions) => RevisionRollout.Plan(bounds, revisions).Finished;

    private static Dictionary<string, int> Sizes(params (string Name, int Replicas)[] sizes) => sizes.ToDictionary(size => size.Name, size => size.Replicas);

    private static RevisionState New(int replicas, int ready) => new("new", true) { Number = 9, Replicas = replicas, Ready = ready, Active = replicas, Granted = replicas };

    private static RevisionState Old(int replicas, string name = "old") =>
        new(name, false) { Number = 4, Replicas = replicas, Ready = replicas, Active = replicas, Granted = replicas };

    private static RevisionState Gone(string name, int number) => new(name, false) { Number = number };
}
