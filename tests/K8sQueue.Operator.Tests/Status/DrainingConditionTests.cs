using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Tests.Status;

public sealed class DrainingConditionTests
{
    [Theory]
    [InlineData(0, "False", "NothingDrains")]
    [InlineData(2, "True", "PodsDrain")]
    public void It_says_whether_pods_leave(int draining, string status, string reason) =>
        Of(draining, DrainObservation.None).Should().Match<(string Status, string Reason, string Message)>(c => c.Status == status && c.Reason == reason);

    [Theory]
    [InlineData(0, "False")]
    [InlineData(2, "True")]
    public void It_says_that_nobody_knows_who_is_idle(int draining, string status)
    {
        var seen = Of(draining, DrainObservation.None with { IsManaged = false });

        (seen.Status, seen.Reason).Should().Be((status, "BusynessUnknown"));
        seen.Message.Should().Contain("declare a port named 'management'");
    }

    [Fact]
    public void It_names_those_that_are_late_before_those_that_are_silent()
    {
        var seen = Of(2, DrainObservation.None with { Late = ["d", "c", "b", "a"], Unreachable = ["z"] });

        (seen.Status, seen.Reason).Should().Be(("True", "DrainTimedOut"));
        seen.Message.Should().Contain("a, b, c and 1 more").And.NotContain("z");
    }

    [Fact]
    public void It_names_those_that_are_silent()
    {
        var seen = Of(0, DrainObservation.None with { Unreachable = ["z"] });

        (seen.Status, seen.Reason).Should().Be(("True", "WorkersUnreachable"));
        seen.Message.Should().Contain(": z.").And.Contain("network policies");
    }

    private static (string Status, string Reason, string Message) Of(int draining, DrainObservation drains) => DrainingCondition.Of(new PoolObservation
    {
        Desired = 3,
        Target = 3,
        EffectiveMax = 3,
        Pods = new PodCounts(3, 3, 3, 3, draining, 0, null),
        Revision = "r",
        Drains = drains,
    });
}
