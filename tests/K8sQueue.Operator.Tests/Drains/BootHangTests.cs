using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Tests.Controllers;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Drains;

/// <summary>Workers that hang before they can have a job, where only idle ones may go.</summary>
public sealed class BootHangTests
{
    private static readonly DateTimeOffset Started = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly WorkerAnswer Refusal = new WorkerAnswer.Silence("refused", NobodyListens: true);

    private readonly PoolHarness _harness = new();

    [Fact]
    public async Task A_worker_that_never_got_ready_and_never_listened_goes_after_the_bound()
    {
        var name = await StartHangingAsync();

        await RunAsync(TimeSpan.FromSeconds(85));
        _harness.Pods.Should().ContainSingle("it has the time of a drain");
        _harness.Condition("Draining").Message.Should().Contain(name);

        await RunAsync(TimeSpan.FromSeconds(20));
        _harness.Pods.Should().BeEmpty();
    }

    [Fact]
    public async Task One_that_does_not_answer_otherwise_may_be_busy_and_stays()
    {
        var name = await StartHangingAsync();
        _harness.Workers.Deaf.Clear();
        _harness.Workers.Silent.Add(name);

        await RunAsync(TimeSpan.FromMinutes(10));

        _harness.Pods.Should().ContainSingle();
    }

    [Fact]
    public async Task One_that_was_ready_since_it_was_started_may_be_busy_and_stays()
    {
        var name = await StartHangingAsync();
        Report(name, unreadySince: _harness.Time.GetUtcNow() + TimeSpan.FromSeconds(1));

        await RunAsync(TimeSpan.FromMinutes(10));

        _harness.Pods.Should().ContainSingle();
    }

    [Fact]
    public async Task One_that_answered_once_may_be_busy_and_stays()
    {
        var name = await StartHangingAsync();
        _harness.Workers.Deaf.Clear();
        _harness.Workers[name] = 1;
        await RunAsync(TimeSpan.FromSeconds(5));
        _harness.Workers.Deaf.Add(name);

        await RunAsync(TimeSpan.FromMinutes(10));

        _harness.Pods.Should().ContainSingle();
    }

    [Fact]
    public async Task One_that_listens_at_the_last_moment_stays()
    {
        var name = await StartHangingAsync();
        _harness.Workers[name] = 1;
        _harness.Client.Before = call =>
        {
            if (call == "list pods")
                _harness.Workers.Deaf.Clear();
            return Task.CompletedTask;
        };

        await RunAsync(TimeSpan.FromMinutes(10));

        _harness.Workers.Deaf.Should().BeEmpty("its turn has come");
        _harness.Pods.Should().ContainSingle();
    }

    [Fact]
    public void It_has_the_time_of_a_drain_and_a_minute_at_least()
    {
        IsLongUnready(Hanging(), seconds: 59, bound: 5).Should().BeFalse();
        IsLongUnready(Hanging(), seconds: 60, bound: 5).Should().BeTrue();
        IsLongUnready(Hanging(), seconds: 119, bound: 120).Should().BeFalse();
        IsLongUnready(Hanging(), seconds: 120, bound: 120).Should().BeTrue();
    }

    [Fact]
    public void What_the_kubelet_does_not_say_is_not_taken_for_granted()
    {
        IsLongUnready(Hanging(pod => pod.Status!.Conditions!.Clear())).Should().BeFalse();
        IsLongUnready(Hanging(pod => pod.Status!.Conditions![0].LastTransitionTime = null)).Should().BeFalse();
        IsLongUnready(Hanging(pod => pod.Status!.Conditions![0].LastTransitionTime = Started.AddSeconds(1))).Should().BeFalse("it was ready");
        IsLongUnready(Hanging(pod => pod.Status!.Conditions![0].Status = "Unknown")).Should().BeFalse();
        IsLongUnready(Hanging(pod => pod.Status!.ContainerStatuses![0].Ready = true)).Should().BeFalse();
        IsLongUnready(Hanging(pod => pod.Status!.ContainerStatuses![0].State = new() { Running = new() })).Should().BeFalse();
        IsLongUnready(Hanging(pod => pod.Status!.ContainerStatuses![0].State = new() { Waiting = new() })).Should().BeFalse();
        IsLongUnready(Hanging(pod => pod.Status!.ContainerStatuses = null)).Should().BeFalse();
    }

    [Fact]
    public void Beside_another_container_nobody_can_tell()
    {
        IsLongUnready(Hanging(pod => pod.Spec.Containers!.Add(new V1Container { Name = "proxy" }))).Should().BeFalse();
        IsLongUnready(Hanging(pod => pod.Spec.InitContainers = [new V1Container { Name = "proxy", RestartPolicy = "Always" }])).Should().BeFalse();
        IsLongUnready(Hanging(pod => pod.Spec.InitContainers = [new V1Container { Name = "migrate" }])).Should().BeTrue();
    }

    [Fact]
    public void It_has_to_refuse_for_ten_seconds_without_a_break()
    {
        IsDeaf((0, Refusal)).Should().BeFalse();
        IsDeaf((0, Refusal), (9, Refusal)).Should().BeFalse();
        IsDeaf((0, Refusal), (10, Refusal)).Should().BeTrue();
        IsDeaf((0, Refusal), (8, new WorkerAnswer.Silence("401")), (12, Refusal)).Should().BeFalse();
        IsDeaf((0, new WorkerAnswer.Report(0, false, false)), (10, Refusal), (30, Refusal)).Should().BeFalse();
        IsDeaf((0, new WorkerAnswer.Silence("no answer", TookLong: true)), (30, new WorkerAnswer.Silence("no answer", TookLong: true))).Should().BeFalse();
    }

    private async Task<string> StartHangingAsync()
    {
        _harness.Create(Samples.Pool(change: spec =>
        {
            spec.Drain.Policy = DrainPolicies.IdleOnly;
            spec.Drain.TimeoutSeconds = 90;
        }));
        await _harness.SettleAsync();
        _harness.IsReady = _ => false;
        _harness.Ask(1);
        await _harness.SettleAsync();
        var name = _harness.Pods.Single().Metadata.Name!;
        Report(name, unreadySince: _harness.Time.GetUtcNow());
        _harness.Workers.Deaf.Add(name);
        _harness.Edit(spec => spec.Suspend = true);
        return name;
    }

    private void Report(string name, DateTimeOffset unreadySince) => _harness.Cluster.Change<V1Pod>(name, Samples.Namespace, pod =>
    {
        pod.Status!.ContainerStatuses = [Samples.Container(new() { Running = new() { StartedAt = _harness.Time.GetUtcNow() } })];
        pod.Status.Conditions =
        [
            new V1Condition { Type = "Ready", Status = "False", LastTransitionTime = unreadySince },
            new V1Condition { Type = "ContainersReady", Status = "False", LastTransitionTime = unreadySince },
        ];
    });

    private async Task RunAsync(TimeSpan time)
    {
        var end = _harness.Time.GetUtcNow() + time;
        while (_harness.Time.GetUtcNow() < end)
        {
            await _harness.ReconcileAsync();
            _harness.RunReplicaSets();
            _harness.FinishDraining();
            _harness.Time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private static bool IsLongUnready(V1Pod pod, int seconds = 600, int bound = 30) =>
        BootHang.IsLongUnready(pod, TimeSpan.FromSeconds(bound), Started.AddSeconds(seconds));

    private static bool IsDeaf(params (double At, WorkerAnswer Answer)[] said) => BootHang.IsDeaf(
        said.Aggregate((KeptAnswer?)null, (kept, one) => KeptAnswer.Next(kept, one.Answer, TimeSpan.FromSeconds(one.At), toldFor: null)));

    private static V1Pod Hanging(Action<V1Pod>? change = null)
    {
        var pod = Samples.GatedPod("a", "emails", "r", "{}");
        pod.Spec.SchedulingGates = null;
        Samples.Start(pod);
        pod.Status!.ContainerStatuses = [Samples.Container(new() { Running = new() { StartedAt = Started } })];
        pod.Status.Conditions = [new V1Condition { Type = "ContainersReady", Status = "False", LastTransitionTime = Started }];
        change?.Invoke(pod);
        return pod;
    }
}
