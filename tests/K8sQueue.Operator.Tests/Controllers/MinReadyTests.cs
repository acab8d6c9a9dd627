using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Revisions;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Controllers;

/// <summary>A new revision's first moment of readiness proves little.</summary>
public sealed class MinReadyTests
{
    private readonly PoolHarness _harness = new();

    [Fact]
    public async Task No_worker_goes_for_one_that_has_just_become_ready()
    {
        var old = await RollOutAsync();

        Ready(old).Should().Be(4);
        (await _harness.ReconcileAsync()).Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(10));
        for (var i = 0; i < 8; i++)
        {
            _harness.Time.Advance(TimeSpan.FromSeconds(10));
            await _harness.SettleAsync();
        }

        _harness.Pool().Status!.UpdatedReplicas.Should().Be(4);
        _harness.Pool().Status!.StableRevision.Should().Be(Current);
        _harness.Condition("Ready").Status.Should().Be("True");
    }

    [Fact]
    public async Task Workers_that_crash_on_their_first_job_cost_none_of_the_old_ones_and_the_rollout_stops()
    {
        var old = await RollOutAsync();
        _harness.Time.Advance(TimeSpan.FromSeconds(5));
        Crash(restarts: 1);
        await _harness.SettleAsync();
        _harness.Time.Advance(TimeSpan.FromSeconds(600));
        Crash(restarts: 5);
        await _harness.SettleAsync();
        _harness.Time.Advance(TimeSpan.FromSeconds(600));
        await _harness.SettleAsync();

        Ready(old).Should().Be(4);
        _harness.Pool().Status!.StableRevision.Should().Be(old);
        _harness.Condition("Ready").Reason.Should().Be("ProgressDeadlineExceeded");
    }

    [Fact]
    public async Task Workers_that_crash_after_the_old_ones_went_are_not_the_stable_revision_before_a_minute()
    {
        var old = await RollOutAsync(surge: "100%");
        _harness.Time.Advance(TimeSpan.FromSeconds(9));
        Crash(restarts: 1);
        Restart();
        for (var i = 0; i < 3; i++)
        {
            _harness.Time.Advance(TimeSpan.FromSeconds(10));
            await _harness.SettleAsync();
        }

        _harness.Pool().Status!.StableRevision.Should().Be(old);
        Crash(restarts: 5);
        _harness.Time.Advance(TimeSpan.FromSeconds(700));
        await _harness.SettleAsync();

        _harness.Condition("Ready").Reason.Should().Be("ProgressDeadlineExceeded");
        Ready(old).Should().Be(4, "the one that worked is taken back");
    }

    private string Current => RevisionHash.Of(_harness.Pool().Spec);

    private int Ready(string revision) =>
        _harness.Pods.Count(pod => pod.Label(Labels.Revision) == revision && pod.IsReady() && !pod.IsDeleting());

    private void Crash(int restarts) => Change(pod =>
    {
        pod.Status!.Conditions = [Condition("False")];
        pod.Status.ContainerStatuses =
        [
            new V1ContainerStatus
            {
                Name = "worker",
                RestartCount = restarts,
                State = new V1ContainerState { Waiting = new() { Reason = "CrashLoopBackOff" } },
                LastState = new V1ContainerState { Terminated = new() { ExitCode = 1, Reason = "Error" } },
            },
        ];
    });

    private void Restart() => Change(pod =>
    {
        pod.Status!.Conditions = [Condition("True")];
        pod.Status.ContainerStatuses![0].State = new V1ContainerState { Running = new() };
    });

    private V1Condition Condition(string ready) => new() { Type = "Ready", Status = ready, LastTransitionTime = _harness.Time.GetUtcNow() };

    private void Change(Action<V1Pod> change)
    {
        foreach (var pod in _harness.Pods.Where(pod => pod.Label(Labels.Revision) == Current && pod.Spec.NodeName is not null))
            _harness.Cluster.Change(pod.Metadata.Name!, Samples.Namespace, change);
    }

    private async Task<string> RollOutAsync(string surge = "25%")
    {
        _harness.Cluster.Create(Samples.Budget("db", 100));
        _harness.Create(Samples.Pool(change: spec =>
        {
            spec.Connections = [Samples.Connection("db", 10)];
            spec.Rollout.MinReadySeconds = 10;
            spec.Rollout.MaxSurge = surge;
        }));
        await _harness.SettleAsync();
        _harness.Ask(4);
        await _harness.SettleAsync();
        _harness.Time.Advance(TimeSpan.FromSeconds(10));
        await _harness.SettleAsync();
        var old = Current;
        _harness.Pool().Status!.StableRevision.Should().Be(old);
        _harness.Edit(spec => spec.Template = Samples.Template("acme/crashes-on-its-first-job"));
        await _harness.SettleAsync();
        return old;
    }
}
