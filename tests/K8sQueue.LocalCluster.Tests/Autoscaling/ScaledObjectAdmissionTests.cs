using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Autoscaling;
using K8sQueue.LocalCluster.Autoscaling.Crds;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.LocalCluster.Tests.Autoscaling;

public sealed class ScaledObjectAdmissionTests : IDisposable
{
    private readonly TestCluster _cluster = new(s => s.AddAutoscaling(new AutoscalingOptions()));

    public ScaledObjectAdmissionTests() => KedaCrds.Install(_cluster.Api);

    public void Dispose() => _cluster.Dispose();

    [Theory]
    [InlineData("""{"minReplicaCount": 5, "maxReplicaCount": 3}""", "MinReplicaCount=5 must be less than MaxReplicaCount=3")]
    [InlineData("""{"minReplicaCount": 2, "idleReplicaCount": 2}""", "IdleReplicaCount=2 must be less than MinReplicaCount=2")]
    [InlineData("""{"idleReplicaCount": 0}""", "IdleReplicaCount=0 must be less than MinReplicaCount=0")]
    [InlineData("""{"triggers": [{"type": "redis", "name": "x", "metadata": {}}, {"type": "redis", "name": "x", "metadata": {}}]}""", "triggerName \"x\" is defined multiple times")]
    [InlineData("""{"advanced": {"scalingModifiers": {"formula": "jobs + typo", "target": "5"}}}""", "unknown name typo")]
    [InlineData("""{"advanced": {"scalingModifiers": {"formula": "jobs"}}}""", "formula is given but target is empty")]
    [InlineData("""{"advanced": {"scalingModifiers": {"target": "5"}}}""", "Formula is mandatory")]
    [InlineData("""{"advanced": {"scalingModifiers": {"formula": "jobs", "target": "0"}}}""", "valid target")]
    [InlineData("""{"fallback": {"failureThreshold": 1, "replicas": 1, "behavior": "scalingModifiers"}}""", "requires scalingModifiers.formula")]
    [InlineData("""{"scaleTargetRef": {"apiVersion": "x.io/v1", "kind": "Nothing", "name": "a"}}""", "no matches for kind \"Nothing\"")]
    public void What_KEDAs_webhook_refuses_is_refused(string spec, string message) => Refused(ScaledObjectSamples.Build("so", "web", spec), 403, message);

    [Theory]
    [InlineData("""{"pollingIntervalSeconds": 5}""", "unknown field \"spec.pollingIntervalSeconds\"")]
    [InlineData("""{"fallback": {"failureThreshold": -1, "replicas": 1}}""", "spec.fallback.failureThreshold")]
    [InlineData("""{"triggers": []}""", "spec.triggers")]
    [InlineData("""{"maxReplicaCount": 0}""", "spec.maxReplicaCount")]
    [InlineData("""{"triggers": [{"type": "redis", "metadata": {"listLength": 5}}]}""", "listLength")]
    public void What_the_schema_refuses_is_refused(string spec, string message) => Refused(ScaledObjectSamples.Build("so", "web", spec), null, message);

    [Fact]
    public void A_name_of_54_characters_is_the_longest()
    {
        _cluster.Api.Create(GroupResource.ScaledObjects, ScaledObjectSamples.Build(new string('n', 54), "web"));
        Refused(ScaledObjectSamples.Build(new string('n', 55), "other"), 403, "must be no more than 63 characters");
    }

    [Fact]
    public void A_target_has_one_ScaledObject()
    {
        _cluster.Api.Create(GroupResource.ScaledObjects, ScaledObjectSamples.Build("one", "web"));
        Refused(ScaledObjectSamples.Build("two", "web"), 403, "the workload 'web' of type 'apps/v1.Deployment' is already managed by the ScaledObject 'one'");
    }

    [Fact]
    public void A_foreign_HorizontalPodAutoscaler_keeps_its_target()
    {
        _cluster.Api.Create(GroupResource.HorizontalPodAutoscalers, JsonNode.Parse("""
            {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "mine", "namespace": "default"},
             "spec": {"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"} } }
            """)!.AsObject());
        Refused(ScaledObjectSamples.Build("so", "web"), 403, "is already managed by the hpa 'mine'");
    }

    [Fact]
    public void What_the_operator_writes_is_taken()
    {
        var value = ScaledObjectSamples.Build("so", "web", """
            {
              "pollingInterval": 5, "cooldownPeriod": 60, "minReplicaCount": 0, "maxReplicaCount": 20,
              "fallback": {"failureThreshold": 3, "replicas": 2, "behavior": "currentReplicasIfHigher"},
              "triggers": [
                {"type": "redis-streams", "name": "q0_high", "metadata": {"address": "127.0.0.1:1", "stream": "s", "streamLength": "5"}, "authenticationRef": {"name": "a"}},
                {"type": "redis", "name": "q0_paused", "metadata": {"address": "127.0.0.1:1", "listName": "p", "listLength": "1"}}
              ],
              "advanced": {
                "restoreToOriginalReplicaCount": false,
                "scalingModifiers": {"formula": "q0_paused > 0 ? 0 : q0_high", "target": "20", "activationTarget": "0", "metricType": "AverageValue"},
                "horizontalPodAutoscalerConfig": {"behavior": {"scaleDown": {"stabilizationWindowSeconds": 60, "policies": [{"type": "Pods", "value": 10, "periodSeconds": 60}]}}}
              }
            }
            """);

        _cluster.Api.Create(GroupResource.ScaledObjects, value)["spec"]!["fallback"]!["behavior"]!.GetValue<string>().Should().Be("currentReplicasIfHigher");
    }

    private void Refused(JsonObject value, int? code, string message)
    {
        var refusal = FluentActions.Invoking(() => _cluster.Api.Create(GroupResource.ScaledObjects, value)).Should().Throw<ClusterApiException>().Which;
        refusal.Message.Should().Contain(message);
        if (code is { } expected)
            refusal.Code.Should().Be(expected);
    }
}
