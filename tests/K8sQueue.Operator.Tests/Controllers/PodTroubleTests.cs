using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Controllers;

public sealed class PodTroubleTests
{
    private readonly PoolHarness _harness = new();

    [Fact]
    public async Task A_failed_pod_that_nobody_deletes_does_not_stop_a_rollout()
    {
        await StartAsync(2);
        _harness.Cluster.Change<V1Pod>(_harness.Pods[0].Metadata.Name!, Samples.Namespace, pod => pod.Status = new V1PodStatus { Phase = "Failed", Reason = "Evicted" });
        await _harness.SettleAsync();

        _harness.Edit(spec => spec.Template = Samples.Template("ghcr.io/acme/emails:2"));
        await _harness.SettleAsync();

        _harness.Deployments.Where(deployment => deployment.Spec.Replicas > 0).Should().ContainSingle();
        _harness.Condition("Ready").Status.Should().Be("True");
    }

    [Fact]
    public async Task Pods_that_cannot_be_created_have_a_reason()
    {
        _harness.Create(Samples.Pool());
        await _harness.SettleAsync();
        _harness.Keda(("True", "ScalerActive"));
        _harness.Edit(spec => spec.Replicas = 1);
        _harness.Cluster.Change<V1Deployment>(_harness.Deployments.Single().Metadata.Name!, Samples.Namespace, deployment => deployment.Status = new V1DeploymentStatus
        {
            Conditions = [new V1Condition { Type = "ReplicaFailure", Status = "True", Reason = "FailedCreate", Message = "pods \"emails-1\" is forbidden: exceeded quota: compute" }],
        });

        await _harness.ReconcileAsync();

        _harness.Condition("Ready").Should().Match<V1Condition>(ready => ready.Reason == "PodsNotReady" && ready.Message!.Contains("exceeded quota", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pods_that_wait_for_connections_do_not_block_node_drains()
    {
        _harness.Cluster.Create(Samples.Budget("db", 80));
        _harness.Create(Samples.Pool(change: spec => spec.Connections = [Samples.Connection("db", 10)]));
        await _harness.SettleAsync();
        _harness.Ask(4);
        await _harness.SettleAsync();
        MaxUnavailable.Should().Be((IntOrString)"25%");
        var template = _harness.Pods[0];
        for (var i = 0; i < 4; i++)
            _harness.Cluster.Create(Samples.GatedPod($"waits-{i}", "emails", template.Label(Labels.Revision)!, """{"gone":10}"""));

        (await _harness.ReconcileAsync()).Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(10));
        MaxUnavailable.Should().Be((IntOrString)"25%", "most pods get their connections at once, which is not worth two writes");
        _harness.Time.Advance(TimeSpan.FromSeconds(10));
        await _harness.ReconcileAsync();

        MaxUnavailable.Should().Be((IntOrString)5, "of eight that the Deployment asks for four wait, and one of four that run may go");
        foreach (var pod in _harness.Pods.Where(pod => pod.IsGated()))
            _harness.Cluster.Delete<V1Pod>(pod.Metadata.Name!, Samples.Namespace);
        await _harness.ReconcileAsync();
        MaxUnavailable.Should().Be((IntOrString)"25%");
    }

    [Fact]
    public async Task A_zero_that_waits_for_the_word_of_KEDA_says_so()
    {
        await StartAsync(2);

        _harness.Edit(spec => spec.Replicas = 0);
        await _harness.ReconcileAsync();

        _harness.Condition("ScalingReady").Message.Should().Contain("spec.suspend");
        _harness.Ask(0);
        await _harness.SettleAsync();
        _harness.Condition("ScalingReady").Message.Should().NotContain("spec.suspend");
    }

    [Fact]
    public async Task Without_KEDA_nobody_is_told_to_scale_to_zero()
    {
        _harness.Cluster.Unserved.UnionWith(["scaledobjects", "triggerauthentications"]);
        _harness.Create(Samples.Pool());

        await _harness.SettleAsync();

        _harness.Condition("ScalingReady").Message.Should().Contain("N >= 1").And.Contain("spec.suspend");
    }

    [Theory]
    [InlineData("dial amqp://guest:s3cret@rabbit:5672/shop: refused", "dial amqp://***@rabbit:5672/shop: refused")]
    [InlineData("parse \"redis://:p@ss/w@redis:6379\": bad", "parse \"redis://***@redis:6379\": bad")]
    [InlineData("get http://prometheus:9090/api: 404, ask ops@acme.example", "get http://prometheus:9090/api: 404, ask ops@acme.example")]
    public async Task What_KEDA_says_is_repeated_without_credentials(string said, string shown)
    {
        _harness.Create(Samples.Pool());
        await _harness.SettleAsync();
        _harness.Cluster.Change<V1Alpha1ScaledObject>("emails", Samples.Namespace, item => item.Status = new ScaledObjectStatus
        {
            Conditions = [new V1Condition { Type = "Ready", Status = "False", Reason = "TriggerError", Message = said }],
        });

        await _harness.ReconcileAsync();

        _harness.Condition("ScalingReady").Message.Should().Be($"KEDA: {shown}");
    }

    private IntOrString? MaxUnavailable => _harness.Cluster.Get<V1PodDisruptionBudget>("emails", Samples.Namespace)!.Spec.MaxUnavailable;

    private async Task StartAsync(int replicas)
    {
        _harness.Create(Samples.Pool());
        await _harness.SettleAsync();
        _harness.Ask(replicas);
        await _harness.SettleAsync();
    }
}
