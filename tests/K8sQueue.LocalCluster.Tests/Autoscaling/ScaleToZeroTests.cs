using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Autoscaling;
using K8sQueue.LocalCluster.Autoscaling.Scalers;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Tests.Controllers;
using K8sQueue.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.LocalCluster.Tests.Autoscaling;

/// <summary>From zero to n and back, over a real redis-server.</summary>
public sealed class ScaleToZeroTests : IAsyncLifetime, IDisposable
{
    private const string Password = "sesame";
    private RedisServer _redis = null!;
    private RedisSource _client = null!;
    private RunningCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        _redis = await RedisServer.StartAsync("--requirepass", Password);
        _client = new RedisSource(new TriggerSettings(0, "redis", new Dictionary<string, string> { ["address"] = _redis.Address, ["password"] = Password }, new Dictionary<string, string>()));
        _cluster = await RunningCluster.StartAsync(s => s.AddAutoscaling(new AutoscalingOptions { HorizontalSyncPeriod = TimeSpan.FromMilliseconds(200) }));
        _cluster.Api.Create(GroupResource.Secrets, Object("Secret", "v1", "redis", """{"data": {"password": "c2VzYW1l"}}"""));
        _cluster.Api.Create(GroupResource.TriggerAuthentications, Object(
            "TriggerAuthentication", "keda.sh/v1alpha1", "redis", """{"spec": {"secretTargetRef": [{"parameter": "password", "name": "redis", "key": "password"}]}}"""));
    }

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _redis.DisposeAsync();
    }

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_target_goes_from_zero_to_n_with_its_lanes_and_back_to_zero()
    {
        _cluster.Api.Create(GroupResource.Deployments, RunningCluster.Deployment("web", 0));
        _cluster.Api.Create(GroupResource.ScaledObjects, Lanes("web"));
        await _cluster.Eventually(() => Reason("Active") == "ScalerNotActive");

        for (var i = 0; i < 12; i++)
            await Call("XADD", i % 2 == 0 ? "high" : "low", "*", "n", "1");

        await _cluster.Eventually(() => Replicas("web") == 3 && Reason("Active") == "ScalerActive");
        var autoscaler = _cluster.Api.Get(GroupResource.HorizontalPodAutoscalers, "default", "keda-hpa-so")!;
        autoscaler.ControllerReference().TextAt("kind").Should().Be("ScaledObject");
        autoscaler.ObjectsAt("spec", "metrics").Single().TextAt("external", "metric", "name").Should().Be("composite-metric");
        await _cluster.Eventually(() => _cluster.Api.Get(GroupResource.HorizontalPodAutoscalers, "default", "keda-hpa-so").NumberAt("status", "desiredReplicas") == 3);
        ScaledObject.TextAt("status", "hpaName").Should().Be("keda-hpa-so");
        ScaledObject.TextAt("status", "scaleTargetKind").Should().Be("apps/v1.Deployment");
        ScaledObject.NumberAt("status", "originalReplicaCount").Should().Be(0);
        ScaledObject.TextsAt("status", "externalMetricNames").Should().Equal("s0-redis-streams-high", "s1-redis-streams-low", "s2-redis-paused");
        await _cluster.Eventually(() => ReadyPods() == 3);

        await Call("DEL", "high", "low");

        await _cluster.Eventually(() => Replicas("web") == 0 && _cluster.Pods().Count == 0 && Reason("Active") == "ScalerNotActive");
        await _cluster.EventsCome("so", "KEDAScaleTargetActivated", "KEDAScaleTargetDeactivated");
    }

    [Fact]
    public async Task A_paused_queue_does_not_scale()
    {
        await Call("SADD", "paused", "1");
        await Call("XADD", "high", "*", "n", "1");
        _cluster.Api.Create(GroupResource.Deployments, RunningCluster.Deployment("web", 0));
        _cluster.Api.Create(GroupResource.ScaledObjects, Lanes("web"));

        await _cluster.Eventually(() => Reason("Active") == "ScalerNotActive" && Reason("Ready") == "ScaledObjectReady");
        Replicas("web").Should().Be(0);

        await Call("DEL", "paused");
        await _cluster.Eventually(() => Replicas("web") == 1);
    }

    [Fact]
    public async Task A_source_that_fails_too_often_falls_back()
    {
        _cluster.Api.Create(GroupResource.Deployments, RunningCluster.Deployment("web", 1));
        _cluster.Api.Create(GroupResource.ScaledObjects, Lanes("web", """{"failureThreshold": 1, "replicas": 2, "behavior": "currentReplicasIfHigher"}"""));
        await Call("XADD", "high", "*", "n", "1");
        await _cluster.Eventually(() => Reason("Active") == "ScalerActive");

        _redis.Kill();

        await _cluster.Eventually(() => Reason("Fallback") == "FallbackExists" && Replicas("web") == 2);
        await _redis.StartAsync();
        await _cluster.Eventually(() => Reason("Fallback") == "NoFallbackFound");
    }

    [Fact]
    public async Task A_source_that_fails_without_a_fallback_leaves_the_replicas_and_says_so()
    {
        await Call("XADD", "high", "*", "n", "1");
        _cluster.Api.Create(GroupResource.Deployments, RunningCluster.Deployment("web", 1));
        _cluster.Api.Create(GroupResource.ScaledObjects, Lanes("web"));
        await _cluster.Eventually(() => Reason("Active") == "ScalerActive");

        _redis.Kill();

        await _cluster.Eventually(() => Reason("Ready") == "TriggerError" && _cluster.Events("so").Contains("KEDAMetricSourceFailed"));
        await _cluster.Eventually(() => _cluster.Events("keda-hpa-so").Contains("FailedGetExternalMetric"));
        Replicas("web").Should().Be(1);
    }

    [Fact]
    public async Task A_missing_secret_is_a_condition_that_heals()
    {
        _cluster.Api.Delete(GroupResource.Secrets, "default", "redis");
        _cluster.Api.Create(GroupResource.Deployments, RunningCluster.Deployment("web", 0));
        _cluster.Api.Create(GroupResource.ScaledObjects, Lanes("web"));
        await _cluster.Eventually(() => Reason("Ready") == "ScaledObjectCheckFailed");
        Condition("Ready").TextAt("message").Should().Contain("Secret default/redis");

        _cluster.Api.Create(GroupResource.Secrets, Object("Secret", "v1", "redis", """{"data": {"password": "c2VzYW1l"}}"""));

        await _cluster.Eventually(() => Reason("Ready") == "ScaledObjectReady");
    }

    [Fact]
    public async Task A_trigger_that_LocalCluster_does_not_know_says_so()
    {
        _cluster.Api.Create(GroupResource.Deployments, RunningCluster.Deployment("web", 0));
        _cluster.Api.Create(GroupResource.ScaledObjects, ScaledObjectSamples.Build("so", "web", """{"triggers": [{"type": "kafka", "metadata": {}}]}"""));

        await _cluster.Eventually(() => Reason("Ready") == "ScaledObjectCheckFailed");
        Condition("Ready").TextAt("message").Should().Contain("kafka is not supported by LocalCluster");
    }

    [Fact]
    public async Task A_target_without_replicas_is_refused_as_KEDA_does()
    {
        _cluster.Api.Create(GroupResource.CustomResourceDefinitions, JsonNode.Parse("""
            {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "things.example.io"},
             "spec": {"group": "example.io", "scope": "Namespaced", "names": {"kind": "Thing", "plural": "things"},
              "versions": [{"name": "v1", "served": true, "storage": true,
               "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"} },
               "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                "spec": {"type": "object", "properties": {"replicas": {"type": "integer"} } },
                "status": {"type": "object", "properties": {"replicas": {"type": "integer"} } } } } } }] } }
            """)!.AsObject());
        var things = new GroupResource("example.io", "things");
        _cluster.Api.Create(things, Object("Thing", "example.io/v1", "thing", """{"spec": {}}"""));
        var value = Lanes("thing");
        value["spec"]!["scaleTargetRef"] = JsonNode.Parse("""{"apiVersion": "example.io/v1", "kind": "Thing", "name": "thing"}""");
        _cluster.Api.Create(GroupResource.ScaledObjects, value);

        await _cluster.Eventually(() => Reason("Ready") == "ScaledObjectCheckFailed");
        Condition("Ready").TextAt("message").Should().Contain("the spec replicas field \".spec.replicas\" does not exist");

        _cluster.Api.Modify(things, "default", "thing", t => t.Put(0, "spec", "replicas"));
        await Call("XADD", "high", "*", "n", "1");
        await _cluster.Eventually(() => _cluster.Api.Get(things, "default", "thing").NumberAt("spec", "replicas") == 1);
    }

    [Fact]
    public async Task Deletion_takes_the_autoscaler_along_and_leaves_the_replicas()
    {
        _cluster.Api.Create(GroupResource.Deployments, RunningCluster.Deployment("web", 2));
        await Call("XADD", "high", "*", "n", "1");
        _cluster.Api.Create(GroupResource.ScaledObjects, Lanes("web", cooldown: 600));
        await _cluster.Eventually(() => Reason("Active") == "ScalerActive");
        ScaledObject.Finalizers().Should().Contain("finalizer.keda.sh");
        ScaledObject.Label("scaledobject.keda.sh/name").Should().Be("so");

        _cluster.Api.Delete(GroupResource.ScaledObjects, "default", "so");

        await _cluster.Eventually(() => _cluster.Api.Get(GroupResource.ScaledObjects, "default", "so") is null
            && _cluster.Api.Get(GroupResource.HorizontalPodAutoscalers, "default", "keda-hpa-so") is null);
        Replicas("web").Should().Be(2);
    }

    [Fact]
    public async Task Paused_replicas_are_set_and_the_autoscaler_goes_until_the_pause_ends()
    {
        _cluster.Api.Create(GroupResource.Deployments, RunningCluster.Deployment("web", 0));
        _cluster.Api.Create(GroupResource.ScaledObjects, Lanes("web"));
        await _cluster.Eventually(() => Reason("Active") == "ScalerNotActive");

        _cluster.Api.Modify(GroupResource.ScaledObjects, "default", "so", v => v.Put("2", "metadata", "annotations", "autoscaling.keda.sh/paused-replicas"));

        await _cluster.Eventually(() => Replicas("web") == 2 && Condition("Paused").TextAt("status") == "True"
            && _cluster.Api.Get(GroupResource.HorizontalPodAutoscalers, "default", "keda-hpa-so") is null);

        _cluster.Api.Modify(GroupResource.ScaledObjects, "default", "so", v => v.Put(null, "metadata", "annotations"));
        await _cluster.Eventually(() => Replicas("web") == 0 && Condition("Paused").TextAt("status") == "False");
    }

    private static JsonObject Object(string kind, string version, string name, string rest)
    {
        var value = JsonNode.Parse(rest)!.AsObject();
        value["apiVersion"] = version;
        value["kind"] = kind;
        value["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" };
        return value;
    }

    private JsonObject Lanes(string target, string? fallback = null, int cooldown = 1)
    {
        var value = ScaledObjectSamples.Build("so", target, $$$"""
            {
              "pollingInterval": 1, "cooldownPeriod": {{{cooldown}}}, "maxReplicaCount": 10,
              "triggers": [
                {"type": "redis-streams", "name": "q0_high", "metadata": {"address": "{{{_redis.Address}}}", "stream": "high", "streamLength": "1"}, "authenticationRef": {"name": "redis"}},
                {"type": "redis-streams", "name": "q0_low", "metadata": {"address": "{{{_redis.Address}}}", "stream": "low", "streamLength": "1"}, "authenticationRef": {"name": "redis"}},
                {"type": "redis", "name": "q0_paused", "metadata": {"address": "{{{_redis.Address}}}", "listName": "paused", "listLength": "1"}, "authenticationRef": {"name": "redis"}}
              ],
              "advanced": {"scalingModifiers": {"formula": "q0_paused > 0 ? 0 : q0_high + q0_low", "target": "4", "activationTarget": "0", "metricType": "AverageValue"}}
            }
            """);
        if (fallback is not null)
            value["spec"]!["fallback"] = JsonNode.Parse(fallback);
        return value;
    }

    private JsonObject ScaledObject => _cluster.Api.Get(GroupResource.ScaledObjects, "default", "so")!;

    private JsonObject? Condition(string type) => StatusConditions.Find(ScaledObject["status"], type);

    private string? Reason(string type) => Condition(type).TextAt("reason");

    private long? Replicas(string deployment) => _cluster.Api.Get(GroupResource.Deployments, "default", deployment).NumberAt("spec", "replicas");

    private int ReadyPods() => _cluster.Pods().Count(LocalCluster.Controllers.ReplicaSets.PodState.IsReady);

    private Task<object?> Call(params string[] command) => _client.CallAsync(CancellationToken.None, command);
}
