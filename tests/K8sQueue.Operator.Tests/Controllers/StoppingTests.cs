using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Tests.Fakes;
using K8sQueue.Testing;

namespace K8sQueue.Operator.Tests.Controllers;

/// <summary>A stop in the midst of what takes long: the lease is free as soon as the pass has ended, and another goes on.</summary>
public sealed class StoppingTests : IDisposable
{
    private readonly PoolHarness _harness = new();
    private readonly CancellationTokenSource _stop = new();

    public StoppingTests() => _harness.StopWith(_stop.Token);

    public void Dispose() => _stop.Dispose();

    [Fact]
    public async Task No_more_gates_are_taken_off_and_the_next_leader_takes_off_those_that_are_reserved()
    {
        _harness.Cluster.Create(Samples.Budget("db", 1000));
        _harness.Create(Samples.Pool(change: spec => (spec.Scaling.MaxReplicas, spec.Connections) = (50, [Samples.Connection("db", 1)])));
        _harness.Client.Before = call =>
        {
            if (call == "patch pods")
                _stop.Cancel();
            return Task.CompletedTask;
        };
        _harness.Ask(50);
        await _harness.SettleAsync();

        _harness.Granted.Should().Be(1, "that one was under way");
        _harness.Budget("db").Status!.Pending!.Count.Should().Be(49);

        _harness.StopWith(CancellationToken.None);
        _harness.RestartOperator();
        await _harness.SettleAsync();
        _harness.Granted.Should().Be(50);
    }

    [Fact]
    public async Task Workers_that_do_not_answer_are_not_waited_for_and_none_is_chosen_by_what_was_not_heard()
    {
        await StartAsync(20);
        _harness.Workers.Hang = true;
        _harness.Edit(spec => spec.Scaling.MaxReplicas = 10);

        var pass = _harness.ReconcileAsync();
        await Eventually.IsTrue(() => _harness.Workers.Hanging == 20);
        pass.IsCompleted.Should().BeFalse();
        await _stop.CancelAsync();
        await pass.WaitAsync(TimeSpan.FromSeconds(10), CancellationToken.None);

        _harness.Pods.Should().HaveCount(20).And.OnlyContain(pod => pod.DrainingSince() == null && !pod.IsDeleting());
        _harness.Deployments.Single().Spec.Replicas.Should().Be(20);
    }

    [Fact]
    public async Task A_worker_that_does_not_say_that_it_holds_is_not_waited_for_before_its_deletion()
    {
        await StartAsync(4);
        _harness.Edit(spec => spec.Scaling.MaxReplicas = 2);
        _harness.Client.Before = call =>
        {
            // Chosen and marked: what comes next is the last word before the deletion.
            _harness.Workers.Hang |= call == "patch pods";
            return Task.CompletedTask;
        };

        var pass = _harness.ReconcileAsync();
        await Eventually.IsTrue(() => _harness.Workers.Hanging > 0);
        await _stop.CancelAsync();
        await pass.WaitAsync(TimeSpan.FromSeconds(10), CancellationToken.None);

        _harness.Pods.Should().HaveCount(4).And.OnlyContain(pod => !pod.IsDeleting());
    }

    private async Task StartAsync(int workers)
    {
        _harness.Create(Samples.Pool(change: spec => (spec.Scaling.MaxReplicas, spec.Drain.Policy) = (workers, DrainPolicies.IdleOnly)));
        await _harness.SettleAsync();
        _harness.Ask(workers);
        await _harness.SettleAsync();
        _harness.Pool().Status!.ReadyReplicas.Should().Be(workers);
    }
}
