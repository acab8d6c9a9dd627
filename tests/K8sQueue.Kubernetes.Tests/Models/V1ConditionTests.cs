using K8sQueue.Kubernetes.Models;
using K8sQueue.Testing;

namespace K8sQueue.Kubernetes.Tests.Models;

public class V1ConditionTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly List<V1Condition> _conditions = [];

    [Fact]
    public void The_transition_time_moves_with_the_status_only()
    {
        var start = _time.GetUtcNow();
        Set("False", "Waiting", "a").Should().BeTrue();
        _time.Advance(TimeSpan.FromSeconds(5.5));

        Set("False", "Waiting", "b").Should().BeTrue();
        _conditions.Single().LastTransitionTime.Should().Be(start);
        Set("False", "Waiting", "b").Should().BeFalse("nothing changed");
        Set("True", "Done", "b").Should().BeTrue();

        _conditions.Single().LastTransitionTime.Should().Be(start.AddSeconds(5), "the wire has whole seconds");
        _conditions.IsTrue("Ready").Should().BeTrue();
    }

    [Fact]
    public void Conditions_of_other_types_are_left_alone()
    {
        Set("True", "Done", "");
        _conditions.Set(new V1Condition { Type = "Draining", Status = V1Condition.False }, _time);

        _conditions.Remove("Ready").Should().BeTrue();
        _conditions.Remove("Ready").Should().BeFalse();

        _conditions.Select(c => c.Type).Should().Equal("Draining");
        ((List<V1Condition>?)null).Find("Ready").Should().BeNull();
    }

    private bool Set(string status, string reason, string message) =>
        _conditions.Set(new V1Condition { Type = "Ready", Status = status, Reason = reason, Message = message }, _time);
}
