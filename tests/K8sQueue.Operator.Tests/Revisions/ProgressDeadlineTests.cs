using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Revisions;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Revisions;

public sealed class ProgressDeadlineTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(600);

    [Fact]
    public void A_pod_that_waits_for_its_grant_has_all_the_time_in_the_world() =>
        At(100_000, Gated(created: 0)).Should().Be(new RolloutProgress(false, null));

    [Fact]
    public void The_clock_runs_from_the_grant_and_not_from_the_creation()
    {
        At(5599, Unready(created: 0, granted: 5000)).Should().Be(new RolloutProgress(false, TimeSpan.FromSeconds(1)));
        At(5600, Unready(created: 0, granted: 5000)).IsStalled.Should().BeTrue();
    }

    [Fact]
    public void A_pod_without_a_gate_has_its_time_from_its_creation() => At(600, Unready(created: 0)).IsStalled.Should().BeTrue();

    [Fact]
    public void Every_pod_that_becomes_ready_gives_the_others_their_time_again()
    {
        At(700, Unready(granted: 0), Ready(since: 101)).IsStalled.Should().BeFalse();
        At(701, Unready(granted: 0), Ready(since: 101)).IsStalled.Should().BeTrue();
    }

    [Fact]
    public void A_slow_drain_of_the_old_ones_is_no_failure_of_the_new_one() =>
        At(100_000, Ready(since: 10), Ready(since: 20)).Should().Be(new RolloutProgress(false, null));

    [Fact]
    public void A_pod_that_was_ready_for_long_has_its_time_from_when_it_ceased_to_be()
    {
        At(50_599, Ready(since: 10), Broken(granted: 0, since: 50_000)).IsStalled.Should().BeFalse();
        At(50_600, Ready(since: 10), Broken(granted: 0, since: 50_000)).IsStalled.Should().BeTrue();
    }

    [Fact]
    public void A_pod_that_crashes_again_and_again_makes_no_progress_by_being_ready_for_a_moment()
    {
        At(700, Looping(Ready(since: 690, granted: 0))).IsStalled.Should().BeTrue();
        At(700, Looping(Broken(granted: 0, since: 690))).IsStalled.Should().BeTrue();
        At(760, Looping(Ready(since: 690, granted: 0))).IsStalled.Should().BeFalse("a minute is believed");
    }

    [Fact]
    public void Pods_that_end_at_once_and_are_replaced_for_ever_do_not_start_the_clock_anew() =>
        At(600, Refused(granted: 0), Refused(granted: 300), Unready(granted: 599)).IsStalled.Should().BeTrue();

    [Fact]
    public void An_evicted_pod_of_long_ago_is_no_failure() => At(9000, Refused(granted: 0), Ready(since: 10), Unready(granted: 8900)).IsStalled.Should().BeFalse();

    [Fact]
    public void Pods_that_cannot_be_made_are_a_failure()
    {
        var deployment = Deployment(2, failedSince: 100);

        ProgressDeadline.Of([], deployment, 2, Deadline, TimeSpan.Zero, null, Time(699)).IsStalled.Should().BeFalse();
        ProgressDeadline.Of([], deployment, 2, Deadline, TimeSpan.Zero, null, Time(700)).IsStalled.Should().BeTrue();
        ProgressDeadline.Of([Ready(since: 10), Ready(since: 10)], deployment, 2, Deadline, TimeSpan.Zero, null, Time(700)).IsStalled.Should().BeFalse("they are there");
    }

    [Fact]
    public void What_the_status_says_holds_though_another_pod_took_the_place_of_the_one_that_failed()
    {
        At(1000, stalledAt: 600, Unready(granted: 990)).IsStalled.Should().BeTrue();
        At(1000, stalledAt: 600).IsStalled.Should().BeTrue("no pod is left to tell");
    }

    [Fact]
    public void A_pod_that_becomes_ready_afterwards_ends_it() => At(1000, stalledAt: 600, Unready(granted: 0), Ready(since: 990)).IsStalled.Should().BeFalse();

    [Fact]
    public void Where_no_pod_is_left_the_revision_is_tried_again_after_ten_deadlines()
    {
        At(6599, stalledAt: 600).Should().Be(new RolloutProgress(true, TimeSpan.FromSeconds(1)));
        At(6600, stalledAt: 600).Should().Be(new RolloutProgress(false, null));
    }

    private static RolloutProgress At(int seconds, params V1Pod[] pods) => ProgressDeadline.Of(pods, Deployment(4), 4, Deadline, TimeSpan.Zero, null, Time(seconds));

    private static RolloutProgress At(int seconds, int stalledAt, params V1Pod[] pods) =>
        ProgressDeadline.Of(pods, Deployment(4), 4, Deadline, TimeSpan.Zero, Time(stalledAt), Time(seconds));

    private static DateTimeOffset Time(int seconds) => Start.AddSeconds(seconds);

    private static V1Deployment Deployment(int replicas, int? failedSince = null) => new()
    {
        Spec = new V1DeploymentSpec { Replicas = replicas },
        Status = failedSince is { } since
            ? new V1DeploymentStatus { Conditions = [new V1Condition { Type = "ReplicaFailure", Status = "True", LastTransitionTime = Time(since) }] }
            : null,
    };

    private static V1Pod Gated(int created)
    {
        var pod = Samples.GatedPod("p", "emails", "r", "{}");
        pod.Metadata.CreationTimestamp = Time(created);
        return pod;
    }

    private static V1Pod Unready(int created = 0, int? granted = null)
    {
        var pod = Gated(created);
        pod.Spec.SchedulingGates = null;
        if (granted is { } at)
            pod.Metadata.Annotations![Labels.GrantedAt] = Time(at).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        // Unschedulable from behind the gate on: the time of the condition is that of the creation.
        pod.Status!.Conditions = [new V1Condition { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", LastTransitionTime = Time(created) }];
        return pod;
    }

    private static V1Pod Ready(int since, int granted = 0) => With(Unready(granted: granted), "True", since);

    private static V1Pod Broken(int granted, int since) => With(Unready(granted: granted), "False", since);

    private static V1Pod With(V1Pod pod, string ready, int since)
    {
        Samples.Start(pod);
        pod.Status!.Conditions = [new V1Condition { Type = "Ready", Status = ready, LastTransitionTime = Time(since) }];
        return pod;
    }

    private static V1Pod Looping(V1Pod pod)
    {
        pod.Status!.ContainerStatuses![0].RestartCount = 4;
        return pod;
    }

    private static V1Pod Refused(int granted)
    {
        var pod = Unready(granted: granted);
        pod.Status = new V1PodStatus { Phase = "Failed", Reason = "OutOfcpu", Message = "Node didn't have enough resource" };
        return pod;
    }
}
