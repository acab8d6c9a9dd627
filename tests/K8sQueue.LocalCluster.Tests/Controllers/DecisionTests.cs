using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.Deployments;
using K8sQueue.LocalCluster.Controllers.Disruption;
using K8sQueue.LocalCluster.Controllers.Nodes;
using K8sQueue.LocalCluster.Controllers.Scheduling;

namespace K8sQueue.LocalCluster.Tests.Controllers;

public sealed class DecisionTests
{
    [Theory]
    [InlineData("""{}""", typeof(SchedulingDecision.Bind))]
    [InlineData("""{"nodeName": "local"}""", typeof(SchedulingDecision.None))]
    [InlineData("""{"schedulingGates": [{"name": "a"}]}""", typeof(SchedulingDecision.Gated))]
    [InlineData("""{"nodeSelector": {"kubernetes.io/os": "linux"}}""", typeof(SchedulingDecision.Bind))]
    [InlineData("""{"nodeSelector": {"disk": "ssd"}}""", typeof(SchedulingDecision.Unschedulable))]
    [InlineData("""{"schedulerName": "mine"}""", typeof(SchedulingDecision.None))]
    public void A_pod_is_bound_held_or_refused(string spec, Type expected) =>
        SchedulingDecision.For(new JsonObject { ["spec"] = JsonNode.Parse(spec) }, LocalNode.Build()).Should().BeOfType(expected);

    [Theory]
    [InlineData("""{"maxUnavailable": 1}""", 5, 5, 5, 1)]
    [InlineData("""{"maxUnavailable": "50%"}""", 5, 5, 5, 3)]
    [InlineData("""{"maxUnavailable": 1}""", 4, 5, 4, 0)]
    [InlineData("""{"minAvailable": 2}""", 3, 3, 3, 1)]
    [InlineData("""{"minAvailable": "50%"}""", 4, 4, 3, 1)]
    [InlineData("""{"maxUnavailable": 1}""", 0, 0, 0, 0)]
    public void A_disruption_budget_leaves_what_is_healthy_beyond_its_need(string spec, int pods, int wanted, int healthy, int allowed) =>
        DisruptionBudgetMath.Of(new JsonObject { ["spec"] = JsonNode.Parse(spec) }, pods, wanted, healthy).DisruptionsAllowed.Should().Be(allowed);

    [Fact]
    public void The_hash_of_a_template_does_not_depend_on_the_order_of_its_members()
    {
        var one = JsonNode.Parse("""{"metadata": {"labels": {"a": "1", "b": "2"}}, "spec": {"x": [1, 2]}}""")!.AsObject();
        var same = JsonNode.Parse("""{"spec": {"x": [1, 2]}, "metadata": {"labels": {"b": "2", "a": "1"}}}""")!.AsObject();
        var other = JsonNode.Parse("""{"spec": {"x": [2, 1]}, "metadata": {"labels": {"b": "2", "a": "1"}}}""")!.AsObject();

        TemplateHash.Of(one).Should().Be(TemplateHash.Of(same)).And.NotBe(TemplateHash.Of(other));
        TemplateHash.Of(one, collisions: 1).Should().NotBe(TemplateHash.Of(one));
        TemplateHash.Of(one).Should().MatchRegex("^[bcdfghjklmnpqrstvwxz2456789]{1,10}$");
    }
}
