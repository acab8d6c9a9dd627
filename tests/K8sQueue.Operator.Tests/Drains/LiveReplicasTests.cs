using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Drains;

public sealed class LiveReplicasTests
{
    [Fact]
    public void Gated_pods_go_by_lowering() =>
        Live(3, 3, Gated("a"), Running("b"), Running("c")).Lowered(1, IsGated).Should().Be(2);

    [Fact]
    public void Nothing_is_lowered_while_a_deletion_was_not_seen() =>
        Live(3, 3, Gated("a"), Running("b")).Lowered(1, IsGated).Should().Be(3);

    [Fact]
    public void Nothing_is_lowered_while_surplus_pods_are_about_to_go() =>
        Live(2, 3, Gated("a"), Running("b"), Running("c")).Lowered(1, IsGated).Should().Be(2);

    [Fact]
    public void Nothing_is_lowered_by_a_status_of_before_the_last_change()
    {
        var live = Live(2, 2, Gated("a"), Running("b"));
        live.ReplicaSet!.Metadata.Generation = 8;

        live.Lowered(1, IsGated).Should().Be(2);
    }

    [Fact]
    public void Pods_that_can_not_be_made_are_not_waited_for()
    {
        var live = Live(3, 1, Running("a"));
        live.ReplicaSet!.Status!.Conditions = [new V1Condition { Type = "ReplicaFailure", Status = "True" }];

        live.Lowered(0, IsGated).Should().Be(1);
    }

    [Fact]
    public void An_unready_pod_stands_between_a_chosen_one_and_its_removal()
    {
        var chosen = Running("a");
        chosen.Metadata.Annotations = new() { [DrainAnnotations.DeletionCost] = "-2147483647" };
        var unready = Running("b");
        unready.Status!.Conditions = [new V1Condition { Type = "Ready", Status = "False" }];

        Live(3, 3, chosen, unready, Running("c")).Lowered(2, pod => pod == chosen).Should().Be(3);
        Live(3, 3, chosen, Running("b"), Running("c")).Lowered(2, pod => pod == chosen).Should().Be(2);
    }

    [Fact]
    public void Equals_are_not_told_apart()
    {
        var started = Gated("a");
        started.Spec.SchedulingGates = null;

        Live(2, 2, started, Gated("b")).Lowered(1, IsGated).Should().Be(2);
    }

    private static bool IsGated(V1Pod pod) => pod.Spec.SchedulingGates is not null;

    private static LiveReplicas Live(int replicas, int counted, params V1Pod[] pods) => new(
        new V1Deployment { Spec = new V1DeploymentSpec { Replicas = replicas } },
        new V1ReplicaSet
        {
            Metadata = new V1ObjectMeta { Generation = 7 },
            Spec = new V1ReplicaSetSpec { Replicas = replicas },
            Status = new V1ReplicaSetStatus { ObservedGeneration = 7, Replicas = counted },
        },
        pods);

    private static V1Pod Gated(string name) => Samples.GatedPod(name, "emails", "r", "{}");

    private static V1Pod Running(string name)
    {
        var pod = Gated(name);
        pod.Spec.SchedulingGates = null;
        Samples.Start(pod);
        pod.Status!.Conditions = [new V1Condition { Type = "Ready", Status = "True" }];
        return pod;
    }
}
