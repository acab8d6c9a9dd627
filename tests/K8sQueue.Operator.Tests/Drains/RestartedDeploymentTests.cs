using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Tests.Controllers;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Drains;

/// <summary>Deployments of a pool that somebody restarted by <c>kubectl rollout restart</c>.</summary>
public sealed class RestartedDeploymentTests
{
    private readonly PoolHarness _harness = new();

    [Fact]
    public async Task A_ReplicaSet_without_pods_keeps_nobody_from_shrinking()
    {
        await StartAsync();
        AddReplicaSet(replicas: 0);

        _harness.Edit(spec => spec.Scaling.MaxReplicas = 1);
        await _harness.SettleAsync();

        _harness.Deployments.Single().Spec.Replicas.Should().Be(1);
        _harness.Pods.Should().ContainSingle();
    }

    [Fact]
    public async Task Pods_of_two_templates_are_reported_and_none_is_removed()
    {
        await StartAsync();
        AddReplicaSet(replicas: 1);

        _harness.Edit(spec => spec.Scaling.MaxReplicas = 1);
        await _harness.SettleAsync();

        _harness.Pods.Should().HaveCount(4);
        _harness.Condition("Ready").Should().Match<V1Condition>(c => c.Status == "False" && c.Reason == "TemplateChanged");
        (await _harness.ReconcileAsync()).Should().BeGreaterThan(TimeSpan.FromSeconds(1));
    }

    private async Task StartAsync()
    {
        _harness.Create(Samples.Pool(change: spec => spec.Drain.Policy = DrainPolicies.IdleOnly));
        await _harness.SettleAsync();
        _harness.Ask(4);
        await _harness.SettleAsync();
    }

    private void AddReplicaSet(int replicas)
    {
        var deployment = _harness.Deployments.Single();
        _harness.Cluster.Create(new V1ReplicaSet
        {
            Metadata = new V1ObjectMeta
            {
                Name = deployment.Metadata.Name + "-2",
                Namespace = Samples.Namespace,
                OwnerReferences = [deployment.ToControllerReference()],
                Labels = new() { [Labels.Pool] = deployment.Label(Labels.Pool)!, [Labels.Revision] = deployment.Label(Labels.Revision)! },
                Annotations = new() { ["deployment.kubernetes.io/revision"] = "2" },
            },
            Spec = new V1ReplicaSetSpec { Replicas = replicas },
        });
    }
}
