using K8sQueue.LocalCluster.Autoscaling.ScaledObjects;

namespace K8sQueue.LocalCluster.Tests.Autoscaling;

public sealed class ScaleDecisionTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("{}", 1)]
    [InlineData("""{"minReplicaCount": 3}""", 3)]
    public void An_active_trigger_wakes_a_target_that_is_at_zero(string spec, int replicas)
    {
        var decision = Decide(spec, current: 0, active: true);

        decision.Action.Should().Be(ScaleAction.Activate);
        decision.Replicas.Should().Be(replicas);
        decision.IsUsed.Should().BeTrue();
        Reason(decision, "Active").Should().Be("True ScalerActive");
    }

    [Fact]
    public void An_active_target_that_runs_is_only_marked_as_used()
    {
        var decision = Decide("{}", current: 4, active: true);

        decision.Action.Should().Be(ScaleAction.None);
        decision.IsUsed.Should().BeTrue();
    }

    [Fact]
    public void An_idle_target_goes_to_zero_after_the_cooldown_and_not_before()
    {
        const string Status = """{"lastActiveTime": "2026-01-01T00:00:00Z"}""";

        var early = Decide("""{"cooldownPeriod": 60}""", current: 4, active: false, seconds: 60, status: Status);
        early.Action.Should().Be(ScaleAction.None);
        Reason(early, "Active").Should().Be("False ScalerCooldown");

        var late = Decide("""{"cooldownPeriod": 60}""", current: 4, active: false, seconds: 61, status: Status);
        late.Action.Should().Be(ScaleAction.Deactivate);
        late.Replicas.Should().Be(0);
        Reason(late, "Active").Should().Be("False ScalerNotActive");
    }

    [Fact]
    public void A_target_that_never_was_active_waits_for_the_initial_cooldown_only()
    {
        Decide("""{"initialCooldownPeriod": 30}""", current: 2, active: false, seconds: 29).Action.Should().Be(ScaleAction.None);
        Decide("""{"initialCooldownPeriod": 30}""", current: 2, active: false, seconds: 31).Action.Should().Be(ScaleAction.Deactivate);
    }

    [Fact]
    public void A_target_with_a_minimum_is_raised_to_it_and_never_taken_to_zero()
    {
        Decide("""{"minReplicaCount": 2}""", current: 5, active: false, seconds: 9999).Action.Should().Be(ScaleAction.None);
        var raised = Decide("""{"minReplicaCount": 2}""", current: 1, active: false);
        raised.Action.Should().Be(ScaleAction.RaiseToMinimum);
        raised.Replicas.Should().Be(2);
    }

    [Fact]
    public void An_idle_count_lies_below_the_minimum()
    {
        const string Spec = """{"idleReplicaCount": 0, "minReplicaCount": 2, "cooldownPeriod": 1}""";

        Decide(Spec, current: 2, active: false, seconds: 9999).Replicas.Should().Be(0);
        Decide(Spec, current: 0, active: true).Replicas.Should().Be(2);
    }

    [Fact]
    public void An_error_without_a_fallback_leaves_the_replicas_alone()
    {
        var decision = Decide("{}", current: 3, active: false, error: true, seconds: 9999);

        decision.Action.Should().Be(ScaleAction.None);
        Reason(decision, "Ready").Should().Be("False TriggerError");
    }

    [Fact]
    public void An_error_with_a_fallback_of_zero_takes_the_target_to_zero() =>
        Decide("""{"fallback": {"failureThreshold": 3, "replicas": 0}}""", current: 3, active: false, error: true, seconds: 9999)
            .Action.Should().Be(ScaleAction.Deactivate);

    [Fact]
    public void An_error_with_a_fallback_waits_for_it() =>
        Decide("""{"fallback": {"failureThreshold": 3, "replicas": 2}}""", current: 3, active: false, error: true, seconds: 9999)
            .Action.Should().Be(ScaleAction.None);

    [Theory]
    [InlineData("paused-scale-in", 3, false)]
    [InlineData("paused-scale-out", 0, true)]
    [InlineData("paused", 3, false)]
    [InlineData("paused", 0, true)]
    public void A_pause_holds_the_replicas(string annotation, int current, bool active) =>
        Decide("{}", current, active, seconds: 9999, annotations: $$"""{"autoscaling.keda.sh/{{annotation}}": "true"}""").Action.Should().Be(ScaleAction.None);

    [Theory]
    [InlineData("static", 7, 3)]
    [InlineData("currentReplicas", 7, 7)]
    [InlineData("currentReplicasIfHigher", 7, 7)]
    [InlineData("currentReplicasIfHigher", 1, 3)]
    [InlineData("currentReplicasIfLower", 7, 3)]
    [InlineData("currentReplicasIfLower", 1, 1)]
    public void A_fallback_asks_for_its_replicas_by_its_behaviour(string behavior, int current, int expected) =>
        FallbackMath.Replicas(new Fallback(3, 3, behavior), current).Should().Be(expected);

    private static ScaleDecision Decide(
        string spec, int current, bool active, bool error = false, int seconds = 0, string? status = null, string? annotations = null) =>
        ScaleDecision.For(ScaledObjectSamples.Of(spec, status, annotations), current, active, error, Start.AddSeconds(seconds));

    private static string Reason(ScaleDecision decision, string type)
    {
        var condition = decision.Conditions.Single(c => c.Type == type);
        return $"{condition.Status} {condition.Reason}";
    }
}
