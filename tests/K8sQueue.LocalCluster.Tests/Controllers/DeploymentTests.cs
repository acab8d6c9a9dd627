using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Controllers.ReplicaSets;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Tests.Controllers;

public sealed class DeploymentTests : IAsyncLifetime
{
    private const string Gate = "k8squeue.io/connections";
    private RunningCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await RunningCluster.StartAsync();

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task A_deployment_becomes_a_replica_set_and_ready_pods()
    {
        _cluster.Api.Create(GroupResource.Deployments, RunningCluster.Deployment("web", 2));

        await _cluster.Eventually(() => Get("web").NumberAt("status", "availableReplicas") == 2);

        var deployment = Get("web");
        deployment.NumberAt("status", "updatedReplicas").Should().Be(2);
        deployment.NumberAt("status", "observedGeneration").Should().Be(deployment.Generation());
        deployment.Annotation("deployment.kubernetes.io/revision").Should().Be("1");
        StatusConditions.IsTrue(deployment["status"], "Available").Should().BeTrue();
        await _cluster.Eventually(() => StatusConditions.Find(Get("web")["status"], "Progressing").TextAt("reason") == "NewReplicaSetAvailable");
        var set = _cluster.Api.List(GroupResource.ReplicaSets, "default").Single();
        set.Name().Should().Be($"web-{set.TextAt("metadata", "labels", "pod-template-hash")}");
        _cluster.Pods().Should().OnlyContain(p => p.IsControlledBy(set));
        _cluster.Pods().Select(p => p.Name()).Should().AllSatisfy(n => n.Should().StartWith($"{set.Name()}-"));
        _cluster.Events("web").Should().Contain("ScalingReplicaSet");
        _cluster.Events(set.Name()).Should().Contain("SuccessfulCreate");
    }

    [Fact]
    public async Task A_terminating_pod_is_replaced_while_it_still_runs()
    {
        var deployment = RunningCluster.Deployment("busy", 1, "trap '' TERM; echo up; while true; do sleep 0.05; done");
        deployment["spec"]!["template"]!["spec"]!["terminationGracePeriodSeconds"] = 600;
        _cluster.Api.Create(GroupResource.Deployments, deployment);
        await _cluster.Eventually(() => _cluster.Pods().Count(PodState.IsReady) == 1);
        var first = _cluster.Pods().Single();
        await _cluster.Eventually(() => _cluster.Log(first.Name()).Contains("up", StringComparison.Ordinal));

        _cluster.Api.Delete(GroupResource.Pods, "default", first.Name());

        await _cluster.Eventually(() => _cluster.Pods().Count(PodState.IsReady) == 2);
        _cluster.Pod(first.Name()).IsDeleting().Should().BeTrue();
        RunningCluster.State(_cluster.Pod(first.Name())).MapAt("running").Should().NotBeNull();
        Get("busy").NumberAt("status", "replicas").Should().Be(1, "what terminates is not a replica");
    }

    [Fact]
    public async Task A_gated_pod_stays_pending_and_unbound_until_the_gate_goes_and_goes_first_when_shrinking()
    {
        var deployment = RunningCluster.Deployment("gated", 2);
        deployment["spec"]!["template"]!["spec"]!["schedulingGates"] = new JsonArray(new JsonObject { ["name"] = Gate });
        _cluster.Api.Create(GroupResource.Deployments, deployment);
        await _cluster.Eventually(() => _cluster.Pods().Count == 2);
        _cluster.Pods().Select(PodState.Phase).Should().Equal("Pending", "Pending");
        _cluster.Pods().Where(IsBound).Should().BeEmpty();
        StatusConditions.Find(_cluster.Pods()[0]["status"], "PodScheduled").TextAt("reason").Should().Be("SchedulingGated");

        var granted = _cluster.Pods()[0].Name();
        _cluster.Api.Modify(GroupResource.Pods, "default", granted, p => p.Put(null, "spec", "schedulingGates"));
        await _cluster.Eventually(() => PodState.IsReady(_cluster.Pod(granted)));
        _cluster.Pods().Where(IsBound).Should().ContainSingle();

        Scale("gated", 1);
        await _cluster.Eventually(() => _cluster.Pods().Count == 1);
        _cluster.Pods().Single().Name().Should().Be(granted);
    }

    [Fact]
    public async Task A_new_template_rolls_out_without_losing_availability_and_keeps_the_old_replica_set()
    {
        _cluster.Api.Create(GroupResource.Deployments, RunningCluster.Deployment("roll", 2));
        await _cluster.Eventually(() => Get("roll").NumberAt("status", "availableReplicas") == 2);

        _cluster.Api.Modify(GroupResource.Deployments, "default", "roll", d => SetVersion(d, "2"));

        await _cluster.Eventually(() => Get("roll").NumberAt("status", "observedGeneration") == Get("roll").Generation()
            && Get("roll").NumberAt("status", "updatedReplicas") == 2
            && Get("roll").NumberAt("status", "replicas") == 2
            && Get("roll").NumberAt("status", "availableReplicas") == 2);
        Get("roll").Annotation("deployment.kubernetes.io/revision").Should().Be("2");
        _cluster.Api.List(GroupResource.ReplicaSets, "default").Select(r => ReplicaSetStatus.Wanted(r)).Order().Should().Equal(0, 2);
    }

    [Fact]
    public async Task An_orphan_that_matches_is_adopted()
    {
        _cluster.Api.Create(GroupResource.ReplicaSets, new JsonObject
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = "ReplicaSet",
            ["metadata"] = new JsonObject { ["name"] = "set", ["namespace"] = "default" },
            ["spec"] = new JsonObject
            {
                ["replicas"] = 0,
                ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "set" } },
                ["template"] = new JsonObject
                {
                    ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = "set" } },
                    ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "main", ["image"] = "sleeper" }) },
                },
            },
        });
        _cluster.Api.Modify(GroupResource.ReplicaSets, "default", "set", r => r.Put(1, "spec", "replicas"));
        await _cluster.Eventually(() => _cluster.Pods().Count(PodState.IsReady) == 1);
        var own = _cluster.Pods().Single().Name();

        _cluster.Api.Create(GroupResource.Pods, RunningCluster.Script("orphan", "sleep 1000", p => p["metadata"]!["labels"] = new JsonObject { ["app"] = "set" }));

        await _cluster.Eventually(() => _cluster.Pods().Count == 1);
        _cluster.Pods().Single().ControllerReference().TextAt("name").Should().Be("set");
        _cluster.Pods().Single().Name().Should().BeOneOf(own, "orphan");
    }

    [Fact]
    public async Task A_disruption_budget_tells_how_many_pods_may_go()
    {
        _cluster.Api.Create(GroupResource.PodDisruptionBudgets, new JsonObject
        {
            ["apiVersion"] = "policy/v1",
            ["kind"] = "PodDisruptionBudget",
            ["metadata"] = new JsonObject { ["name"] = "web", ["namespace"] = "default" },
            ["spec"] = new JsonObject { ["maxUnavailable"] = 1, ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "web" } } },
        });
        _cluster.Api.Create(GroupResource.Deployments, RunningCluster.Deployment("web", 3));

        await _cluster.Eventually(() => _cluster.Api.Get(GroupResource.PodDisruptionBudgets, "default", "web").NumberAt("status", "currentHealthy") == 3);

        var status = _cluster.Api.Get(GroupResource.PodDisruptionBudgets, "default", "web").MapAt("status");
        status.NumberAt("expectedPods").Should().Be(3);
        status.NumberAt("desiredHealthy").Should().Be(2);
        status.NumberAt("disruptionsAllowed").Should().Be(1);
    }

    private static bool IsBound(JsonObject pod) => pod.TextAt("spec", "nodeName") is not null;

    private JsonObject Get(string name) => _cluster.Api.Get(GroupResource.Deployments, "default", name)!;

    private void Scale(string name, int replicas) =>
        _cluster.Api.Modify(GroupResource.Deployments, "default", name, d => d.Put(replicas, "spec", "replicas"));

    private static bool SetVersion(JsonObject deployment, string version) =>
        deployment.Put(new JsonObject { ["version"] = version }, "spec", "template", "metadata", "annotations");
}
