using FsCheck;
using FsCheck.Fluent;
using K8sQueue.Operator.Revisions;

namespace K8sQueue.Operator.Tests.Revisions;

public sealed class RevisionRolloutTests
{
    [Fact]
    public void One_revision_has_all_replicas() =>
        RevisionRollout.Plan(5, [New(replicas: 2, ready: 2)], surge: 0).Replicas["new"].Should().Be(5);

    [Fact]
    public void With_room_the_old_one_shrinks_only_by_what_is_ready()
    {
        var plan = RevisionRollout.Plan(8, [New(replicas: 2, ready: 1), Old(replicas: 8)], surge: null);

        plan.Replicas.Should().Equal(new Dictionary<string, int> { ["new"] = 3, ["old"] = 7 });
    }

    [Fact]
    public void Without_room_the_old_one_makes_some()
    {
        var plan = RevisionRollout.Plan(1, [New(replicas: 0, ready: 0), Old(replicas: 1)], surge: 0);

        plan.Replicas.Should().Equal(new Dictionary<string, int> { ["new"] = 1, ["old"] = 0 });
    }

    [Fact]
    public void An_old_revision_is_finished_when_no_pod_is_left_of_it()
    {
        RevisionRollout.Plan(2, [New(2, 2), Old(replicas: 0, pods: 1)], null).Finished.Should().BeEmpty();
        RevisionRollout.Plan(2, [New(2, 2), Old(replicas: 0, pods: 0)], null).Finished.Should().Equal("old");
    }

    [Fact]
    public void Every_rollout_ends_and_keeps_to_its_bounds()
    {
        var cases = Gen.Choose(0, 20).SelectMany(target => Gen.Choose(0, 20).SelectMany(old => Gen.Choose(0, 5).Select(surge => (target, old, surge)))).ToArbitrary();
        Prop.ForAll(cases, history => RunsOut(history.target, history.old, history.surge)).QuickCheckThrowOnFailure();
    }

    /// <summary>Pods follow their Deployments at once, and are ready a step later.</summary>
    private static bool RunsOut(int target, int old, int surge)
    {
        var (fresh, ready, stale) = (0, 0, old);
        for (var step = 0; step < 200; step++)
        {
            var plan = RevisionRollout.Plan(target, [New(fresh, ready), Old(stale)], surge);
            var total = plan.Total;
            if (total > Math.Max(target + surge, fresh + stale) || plan.Replicas["old"] > stale)
                return false;
            if (surge > 0 && stale >= target && ready + plan.Replicas["old"] < target)
                return false;
            ready = Math.Min(fresh, plan.Replicas["new"]);
            (fresh, stale) = (plan.Replicas["new"], plan.Replicas["old"]);
            if (fresh == target && stale == 0)
                return true;
        }

        return false;
    }

    private static RevisionState New(int replicas, int ready) => new("new", true, replicas, ready, replicas);

    private static RevisionState Old(int replicas, int? pods = null) => new("old", false, replicas, replicas, pods ?? replicas);
}
