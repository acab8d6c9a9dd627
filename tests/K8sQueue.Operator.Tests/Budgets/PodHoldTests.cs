using K8sQueue.Kubernetes.Informers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Tests.Fakes;
using K8sQueue.Testing;

namespace K8sQueue.Operator.Tests.Budgets;

public sealed class PodHoldTests
{
    [Fact]
    public void Only_our_gate_makes_a_pod_wait()
    {
        var pod = Samples.GatedPod("a", "p", "r", "{}");
        pod.IsGated().Should().BeTrue();
        pod.Spec.SchedulingGates!.RemoveAll(gate => gate.Name == Labels.ConnectionsGate);
        pod.IsGated().Should().BeFalse();
    }

    [Fact]
    public void A_container_that_is_between_two_starts_has_not_ended()
    {
        var pod = Running();
        pod.Status!.ContainerStatuses = [Samples.Container(new V1ContainerState { Terminated = new() })];

        pod.HasEnded().Should().BeFalse();
    }

    [Fact]
    public void A_final_phase_without_the_containers_end_is_a_lost_node()
    {
        var pod = Running();
        pod.Status!.Phase = "Failed";

        pod.HasEnded().Should().BeFalse();
        pod.EndIsConfirmed().Should().BeFalse();
    }

    [Fact]
    public void A_final_phase_with_every_container_terminated_is_an_end()
    {
        var pod = Running();
        Samples.End(pod);
        pod.HasEnded().Should().BeTrue();

        pod.Spec.Containers!.Add(new V1Container { Name = "sidecar" });
        pod.HasEnded().Should().BeFalse("nothing is said of the sidecar");
    }

    [Theory]
    [InlineData("Evicted", null, true)]
    [InlineData(null, null, false)]
    [InlineData("NodeLost", null, false)]
    [InlineData("Terminated", "DeletionByPodGC", false)]
    public void A_pod_that_the_kubelet_refused_never_ran(string? reason, string? disruption, bool ended)
    {
        var pod = Running();
        pod.Status = new V1PodStatus { Phase = "Failed", Reason = reason };
        if (disruption is not null)
            pod.Status.Conditions = [new V1Condition { Type = "DisruptionTarget", Status = "True", Reason = disruption }];

        pod.HasEnded().Should().Be(ended);
    }

    [Theory]
    [InlineData("Evicted", null, true)]
    [InlineData("NodeLost", null, false)]
    [InlineData("Terminated", "DeletionByPodGC", false)]
    public void A_container_that_was_never_started_holds_nothing_where_the_kubelet_ended_the_pod(string reason, string? disruption, bool ended)
    {
        var pod = NeverStarted(reason);
        if (disruption is not null)
            pod.Status!.Conditions = [new V1Condition { Type = "DisruptionTarget", Status = "True", Reason = disruption }];

        pod.HasEnded().Should().Be(ended);
    }

    [Fact]
    public void A_container_that_waits_for_another_start_did_run()
    {
        var restarting = NeverStarted("Evicted");
        restarting.Status!.ContainerStatuses![0].LastState = new V1ContainerState { Terminated = new() };
        restarting.HasEnded().Should().BeFalse();
        var known = NeverStarted("Evicted");
        known.Status!.ContainerStatuses![0].ContainerID = "containerd://1";
        known.HasEnded().Should().BeFalse();
    }

    [Fact]
    public void A_pod_that_is_deleted_unbound_never_ran()
    {
        var pod = Samples.GatedPod("a", "p", "r", "{}");
        pod.EndIsConfirmed().Should().BeFalse("it may only have lost its label");
        pod.Metadata.DeletionTimestamp = DateTimeOffset.UnixEpoch;
        pod.EndIsConfirmed().Should().BeTrue();
    }

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    public void A_refusal_without_a_word_of_containers_is_an_end_where_no_kubelet_had_taken_the_pod_on(bool started, bool admitted, bool confirmed)
    {
        var ended = new EndedPods(new ManualTimeProvider());
        var before = Samples.GatedPod("a", "p", "r", "{}");
        before.Metadata.Uid = "a";
        before.Spec.NodeName = "node";
        if (started)
            Samples.Start(before);
        if (admitted)
            before.Status = new V1PodStatus { Phase = "Pending", StartTime = DateTimeOffset.UnixEpoch };
        var refused = OperatorJson.Clone(before);
        refused.Status = new V1PodStatus { Phase = "Failed", Reason = "OutOfcpu", StartTime = DateTimeOffset.UnixEpoch };

        ended.Observe(new ResourceChange<V1Pod>(before, refused));
        ended.Observe(new ResourceChange<V1Pod>(refused, null));

        ended.Contains(Samples.Budget("db", 1), "a").Should().Be(confirmed);

        ended = new EndedPods(new ManualTimeProvider());
        ended.Observe(new ResourceChange<V1Pod>(before, refused, IsMissed: true));
        ended.Contains(Samples.Budget("db", 1), "a").Should().BeFalse("it may have run between the two");
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void An_end_that_only_a_list_showed_is_not_confirmed(bool missed, bool confirmed)
    {
        var ended = new EndedPods(new ManualTimeProvider());
        var pod = Running();
        Samples.End(pod);
        pod.Metadata.Uid = "a";

        ended.Observe(new ResourceChange<V1Pod>(pod, null, missed));

        ended.Contains(Samples.Budget("db", 1), "a").Should().Be(confirmed);
    }

    [Theory]
    [InlineData("""{"db":3}""", true)]
    [InlineData("3", false)]
    [InlineData("""{"db":"many"}""", false)]
    [InlineData("""{"db":3.5}""", false)]
    public void Charges_that_cannot_be_read_are_not_guessed(string text, bool readable) =>
        (Samples.GatedPod("a", "p", "r", text).Charges() is not null).Should().Be(readable);

    private static V1Pod NeverStarted(string reason)
    {
        var pod = Running();
        pod.Spec.InitContainers = [new V1Container { Name = "init" }];
        pod.Status = new V1PodStatus
        {
            Phase = "Failed",
            Reason = reason,
            InitContainerStatuses = [new V1ContainerStatus { Name = "init", State = new V1ContainerState { Terminated = new() { ExitCode = 137 } } }],
            ContainerStatuses = [Samples.Container(new V1ContainerState { Waiting = new() { Reason = "PodInitializing" } })],
        };
        return pod;
    }

    private static V1Pod Running()
    {
        var pod = Samples.GatedPod("a", "p", "r", "{}");
        Samples.Start(pod);
        return pod;
    }
}
