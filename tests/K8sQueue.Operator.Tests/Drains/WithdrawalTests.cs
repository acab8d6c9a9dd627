using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Tests.Controllers;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Drains;

/// <summary>Two leaders: one lowers the replicas on account of a pod that waits, the other is about to grant it.</summary>
public sealed class WithdrawalTests
{
    private readonly PoolHarness _harness = new();

    [Fact]
    public async Task With_IdleOnly_pods_that_wait_are_withdrawn_before_the_replicas_are_lowered_for_them()
    {
        await StartAsync(3);
        var waiting = new List<bool>();
        _harness.Client.Before = call =>
        {
            if (call == "patch deployments")
                waiting.AddRange(_harness.Pods.Where(pod => pod.IsGated()).Select(pod => pod.IsWithdrawn()));
            return Task.CompletedTask;
        };

        _harness.Edit(spec => spec.Scaling.MaxReplicas = 1);
        await _harness.SettleAsync();

        waiting.Should().NotBeEmpty().And.OnlyContain(isWithdrawn => isWithdrawn);
        _harness.Pods.Should().ContainSingle().Which.IsGated().Should().BeFalse();
    }

    [Fact]
    public async Task A_pod_that_was_granted_meanwhile_is_not_withdrawn_and_the_replicas_stay()
    {
        await StartAsync(2);
        var granted = false;
        _harness.Client.Before = call =>
        {
            if (call == "patch pods" && !granted && _harness.Pods.FirstOrDefault(pod => pod.IsGated()) is { } waiting)
            {
                granted = true;
                _harness.Cluster.Change<V1Pod>(waiting.Metadata.Name!, Samples.Namespace, pod => pod.Spec.SchedulingGates = []);
            }

            if (call == "patch deployments" && granted)
                _harness.Pods.Should().NotContain(pod => pod.IsGated() && !pod.IsWithdrawn());
            return Task.CompletedTask;
        };

        _harness.Edit(spec => spec.Scaling.MaxReplicas = 1);
        for (var round = 0; round < 20 && !granted; round++)
        {
            await _harness.ReconcileAsync();
            _harness.FinishDraining();
            _harness.RunReplicaSets();
        }

        granted.Should().BeTrue();
        _harness.Deployments.Single().Spec.Replicas.Should().Be(2, "it was lowered for a pod that waits, and that one is granted");
        _harness.Pods.Should().OnlyContain(pod => !pod.IsWithdrawn());
    }

    [Fact]
    public async Task What_the_ReplicaSet_spared_waits_for_its_grant_again_after_a_while()
    {
        await StartAsync(1);
        var spared = "";
        _harness.Client.Before = async call =>
        {
            if (call == "get connectionbudgets" && spared.Length == 0 && _harness.Pods.FirstOrDefault(pod => pod.IsGated()) is { } waiting)
            {
                spared = waiting.Metadata.Name!;
                await _harness.Client.PatchAsync<V1Pod>(spared, Samples.Namespace, Withdrawal.Make(waiting, _harness.Time.GetUtcNow()), null, default);
            }
        };
        _harness.Edit(spec => spec.Scaling.MaxReplicas = 2);
        _harness.Ask(2);
        await _harness.SettleAsync();
        _harness.Granted.Should().Be(1);

        var next = (await _harness.ReconcileAsync())!.Value;

        next.Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(45));
        _harness.Time.Advance(TimeSpan.FromSeconds(45));
        await _harness.SettleAsync();
        _harness.Granted.Should().Be(2);
    }

    private async Task StartAsync(int workers)
    {
        _harness.Cluster.Create(Samples.Budget("db", 100));
        _harness.Create(Samples.Pool(change: spec =>
        {
            spec.Drain.Policy = DrainPolicies.IdleOnly;
            spec.Scaling.MaxReplicas = workers;
            spec.Connections = [Samples.Connection("db", 10)];
        }));
        await _harness.SettleAsync();
        _harness.Ask(workers);
        await _harness.SettleAsync();
        _harness.Granted.Should().Be(workers);
    }
}
