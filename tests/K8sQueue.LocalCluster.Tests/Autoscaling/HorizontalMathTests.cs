using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Autoscaling.Horizontal;

namespace K8sQueue.LocalCluster.Tests.Autoscaling;

public sealed class HorizontalMathTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(100, 20, 2, 5)]
    [InlineData(101, 20, 2, 6)]
    [InlineData(0, 20, 3, 0)]
    [InlineData(108, 20, 5, 5)]
    [InlineData(92, 20, 5, 5)]
    [InlineData(111, 20, 5, 6)]
    [InlineData(40, 20, 0, 2)]
    [InlineData(0, 20, 0, 0)]
    public void Replicas_are_the_total_over_the_target_beyond_the_tolerance(double total, double target, int current, int expected) =>
        HorizontalMath.ByAverage(total, target, current, 0.1).Should().Be(expected);

    [Fact]
    public void Without_a_behaviour_scale_up_doubles_at_most_and_scale_down_waits_five_minutes()
    {
        var horizontal = new Horizontal(null, maximum: 100);

        horizontal.At(0, current: 3, recommended: 50).Replicas.Should().Be(6);
        horizontal.At(0, current: 1, recommended: 50).Replicas.Should().Be(4, "four are always allowed");
        horizontal.At(10, current: 50, recommended: 10).AbleReason.Should().Be("ScaleDownStabilized");
        horizontal.At(299, current: 50, recommended: 10).Replicas.Should().Be(50);
        horizontal.At(301, current: 50, recommended: 10).Replicas.Should().Be(10);
    }

    [Fact]
    public void A_recommendation_above_the_maximum_is_cut_and_says_so()
    {
        var normalized = new Horizontal("""{"scaleUp":{"policies":[{"type":"Percent","value":1000,"periodSeconds":15}]}}""", maximum: 5).At(0, current: 2, recommended: 9);

        normalized.Replicas.Should().Be(5);
        normalized.IsLimited.Should().BeTrue();
        normalized.LimitReason.Should().Be("TooManyReplicas");
    }

    [Fact]
    public void A_policy_counts_what_was_added_in_its_period()
    {
        var horizontal = new Horizontal("""{"scaleUp":{"policies":[{"type":"Pods","value":3,"periodSeconds":60}]}}""", maximum: 100);

        horizontal.At(0, current: 2, recommended: 50).Replicas.Should().Be(5);
        horizontal.Changed(0, 3);
        horizontal.At(30, current: 5, recommended: 50).Replicas.Should().Be(5);
        horizontal.At(61, current: 5, recommended: 50).Replicas.Should().Be(8);
    }

    [Fact]
    public void The_most_generous_policy_holds_unless_the_least_is_selected()
    {
        const string Policies = """[{"type":"Pods","value":1,"periodSeconds":60},{"type":"Percent","value":100,"periodSeconds":60}]""";

        new Horizontal($$"""{"scaleUp": {"policies": {{Policies}} } }""", 100).At(0, 10, 50).Replicas.Should().Be(20);
        new Horizontal($$"""{"scaleUp": {"selectPolicy": "Min", "policies": {{Policies}} } }""", 100).At(0, 10, 50).Replicas.Should().Be(11);
        new Horizontal("""{"scaleUp":{"selectPolicy":"Disabled"}}""", 100).At(0, 10, 50).Replicas.Should().Be(10);
    }

    [Fact]
    public void A_scale_down_policy_limits_the_rate()
    {
        var horizontal = new Horizontal("""{"scaleDown":{"stabilizationWindowSeconds":0,"policies":[{"type":"Pods","value":2,"periodSeconds":60}]}}""", 100);

        var first = horizontal.At(0, current: 10, recommended: 1);
        first.Replicas.Should().Be(8);
        first.LimitReason.Should().Be("ScaleDownLimit");
        horizontal.Changed(0, -2);
        horizontal.At(30, current: 8, recommended: 1).Replicas.Should().Be(8);
        horizontal.At(61, current: 8, recommended: 1).Replicas.Should().Be(6);
    }

    [Fact]
    public void A_scale_up_window_takes_the_lowest_recommendation_in_it()
    {
        var horizontal = new Horizontal("""{"scaleUp":{"stabilizationWindowSeconds":60}}""", 100);

        horizontal.At(0, current: 2, recommended: 2);
        var soon = horizontal.At(30, current: 2, recommended: 4);
        soon.Replicas.Should().Be(2);
        soon.AbleReason.Should().Be("ScaleUpStabilized");
        horizontal.At(91, current: 2, recommended: 4).Replicas.Should().Be(4);
    }

    private sealed class Horizontal(string? behavior, int maximum)
    {
        private readonly HorizontalHistory _history = new();
        private readonly JsonObject? _behavior = behavior is null ? null : JsonNode.Parse(behavior)!.AsObject();

        public Normalized At(int seconds, int current, int recommended) => HorizontalMath.Normalize(
            _history, ScalingRules.Up(_behavior), ScalingRules.Down(_behavior), _behavior is not null, 1, maximum, current, recommended, Start.AddSeconds(seconds));

        public void Changed(int seconds, int change) => _history.Changed(change, Start.AddSeconds(seconds));
    }
}
