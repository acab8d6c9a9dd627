using K8sQueue.LocalCluster.Controllers.Deployments;

namespace K8sQueue.LocalCluster.Tests.Controllers;

public sealed class RolloutMathTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(10, 3, 0, 10, 3)]
    [InlineData(10, 3, 3, 13, 3)]
    [InlineData(10, 0, 0, 10, 0)]
    [InlineData(10, 3, 10, 10, 10)]
    [InlineData(2, 1, 5, 5, 2)]
    [InlineData(10, 3, 8, 8, 10)]
    public void The_new_set_grows_into_what_the_surge_leaves(int wanted, int surge, int current, int total, int expected) =>
        RolloutMath.NewReplicas(wanted, surge, current, total).Should().Be(expected);

    [Fact]
    public void Old_pods_go_as_new_ones_become_available()
    {
        RolloutMath.ShrinkOld(10, 2, Set("new", 3, 0), [Set("old", 10, 10)]).Should().Equal(new Dictionary<string, int> { ["old"] = 8 });
        RolloutMath.ShrinkOld(10, 2, Set("new", 5, 5), [Set("old", 8, 8)]).Should().Equal(new Dictionary<string, int> { ["old"] = 3 });
        RolloutMath.ShrinkOld(10, 0, Set("new", 3, 0), [Set("old", 10, 10)]).Should().BeEmpty();
    }

    [Fact]
    public void Unhealthy_old_pods_go_first_although_nothing_new_is_available() =>
        RolloutMath.ShrinkOld(4, 1, Set("new", 1, 0), [Set("broken", 2, 0), Set("good", 2, 2, minutes: 1)])
            .Should().Equal(new Dictionary<string, int> { ["broken"] = 1 });

    [Fact]
    public void A_rollout_that_is_stuck_takes_no_more_away_than_allowed() =>
        RolloutMath.ShrinkOld(10, 2, Set("new", 5, 0), [Set("old", 8, 7)]).Should().BeEmpty();

    [Theory]
    [InlineData(0, 0, 0, 1)]
    [InlineData(1, 0, 1, 0)]
    [InlineData(null, null, 0, 1)]
    public void Something_can_always_move(int? surge, int? unavailable, int expectedSurge, int expectedUnavailable) =>
        RolloutMath.Fenceposts(surge, unavailable).Should().Be((expectedSurge, expectedUnavailable));

    [Fact]
    public void A_change_of_size_in_the_middle_of_a_rollout_is_shared_out()
    {
        ReplicaSetSize[] sets = [Set("old", 8, 8, max: 13), Set("new", 5, 2, minutes: 1, max: 13)];

        RolloutMath.ScaleProportionally(20, 6, sets).Should().Equal(new Dictionary<string, int> { ["old"] = 16, ["new"] = 10 });
        RolloutMath.ScaleProportionally(5, 2, sets).Should().Equal(new Dictionary<string, int> { ["old"] = 4, ["new"] = 3 });
        RolloutMath.ScaleProportionally(0, 0, sets).Should().Equal(new Dictionary<string, int> { ["old"] = 0, ["new"] = 0 });
    }

    private static ReplicaSetSize Set(string name, int replicas, int available, int minutes = 0, int max = 0) =>
        new(name, replicas, available, Start.AddMinutes(minutes), max);
}
