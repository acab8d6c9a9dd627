using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Controllers;

/// <summary>Another leader writes between this one's look and its write.</summary>
public sealed class StaleLeaderTests
{
    private readonly PoolHarness _harness = new();

    [Fact]
    public async Task A_revision_that_is_in_use_again_is_not_deleted()
    {
        await StartAsync(replicas: 2);
        var old = _harness.Deployments.Single().Metadata.Name!;
        var rolledBack = false;
        _harness.Client.Before = call =>
        {
            if (call == "delete deployments" && !rolledBack)
            {
                rolledBack = true;
                _harness.Cluster.Change<V1Deployment>(old, Samples.Namespace, item => item.Spec.Replicas = 2);
            }

            return Task.CompletedTask;
        };

        _harness.Edit(spec =>
        {
            spec.Template = Samples.Template("ghcr.io/acme/emails:2");
            spec.Rollout.RevisionHistoryLimit = 0;
        });
        for (var round = 0; round < 40 && !rolledBack; round++)
        {
            await _harness.ReconcileAsync();
            _harness.RunReplicaSets();
            _harness.StartPods();
            _harness.FinishDraining();
        }

        rolledBack.Should().BeTrue();
        _harness.Cluster.Get<V1Deployment>(old, Samples.Namespace)!.Spec.Replicas.Should().Be(2);
    }

    [Fact]
    public async Task A_size_that_another_leader_has_set_is_not_overwritten()
    {
        await StartAsync(replicas: 2);
        var name = _harness.Deployments.Single().Metadata.Name!;
        _harness.Client.Before = call =>
        {
            if (call == "patch deployments")
                _harness.Cluster.Change<V1Deployment>(name, Samples.Namespace, item => item.Spec.Replicas = 5);
            return Task.CompletedTask;
        };
        _harness.Ask(3);

        var after = await _harness.ReconcileAsync();

        _harness.Deployments.Single().Spec.Replicas.Should().Be(5);
        after.Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(1), "the next look has the newer size");
        _harness.Client.Before = _ => Task.CompletedTask;
        await _harness.SettleAsync();
        _harness.Granted.Should().Be(3);
    }

    private async Task StartAsync(int replicas)
    {
        _harness.Create(Samples.Pool());
        await _harness.SettleAsync();
        _harness.Ask(replicas);
        await _harness.SettleAsync();
        _harness.Granted.Should().Be(replicas);
    }
}
