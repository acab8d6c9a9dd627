using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Tests.Status;

public sealed class PodTroubleTextTests
{
    [Theory]
    [InlineData("ErrImagePull", "rpc error: not found")]
    [InlineData("ImagePullBackOff", "Back-off pulling image \"acme/x:1\": ErrImagePull: rpc error: not found")]
    public void An_image_that_cannot_be_pulled_is_named_with_the_cause_whatever_the_kubelet_is_about(string reason, string message) =>
        PodTrouble.Of(Waiting(reason, message)).Should().Be("p: ImagePullBackOff: image acme/x:1: rpc error: not found");

    [Fact]
    public void A_back_off_without_a_cause_names_the_image() =>
        PodTrouble.Of(Waiting("ImagePullBackOff", "Back-off pulling image \"acme/x:1\"")).Should().Be("p: ImagePullBackOff: image acme/x:1");

    [Fact]
    public void A_crash_loop_says_the_same_while_it_waits_runs_and_ends()
    {
        var ended = new V1ContainerState { Terminated = new() { ExitCode = 3, Reason = "Error", Message = "password=hunter2" } };
        V1ContainerStatus[] round =
        [
            Container(new() { Waiting = new() { Reason = "CrashLoopBackOff", Message = "back-off 10s restarting" } }, ended, restarts: 2),
            Container(new() { Running = new() }, ended, restarts: 3),
            Container(ended, ended, restarts: 3),
        ];

        round.Select(container => PodTrouble.Of(Pod(container))).Should().AllBe("p: CrashLoopBackOff: container worker exited with 3 (Error)");
    }

    [Fact]
    public void Too_little_memory_is_told() =>
        PodTrouble.Of(Pod(Container(new() { Waiting = new() { Reason = "CrashLoopBackOff" } }, new() { Terminated = new() { ExitCode = 137, Reason = "OOMKilled" } }, 1)))
            .Should().Be("p: CrashLoopBackOff: container worker exited with 137 (OOMKilled)");

    [Fact]
    public void What_the_configuration_lacks_is_told() =>
        PodTrouble.Of(Waiting("CreateContainerConfigError", "secret \"smtp\" not found")).Should().Be("p: CreateContainerConfigError: secret \"smtp\" not found");

    [Fact]
    public void The_scheduler_has_its_own_words()
    {
        var pod = Pod();
        pod.Status!.Conditions = [new V1Condition { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = "0/3 nodes are available" }];

        PodTrouble.Of(pod).Should().Be("p: Unschedulable: 0/3 nodes are available");
    }

    [Fact]
    public void A_readiness_probe_that_fails_is_told() =>
        PodTrouble.Of(Pod(Container(new() { Running = new() }, null, restarts: 0))).Should().Be("p: NotReady: container worker runs, but its readiness probe fails");

    [Fact]
    public void A_pod_that_the_node_refused_says_why()
    {
        var pod = Pod();
        pod.Status = new V1PodStatus { Phase = "Failed", Reason = "OutOfcpu", Message = "Node didn't have enough resource: cpu" };

        PodTrouble.Of(pod).Should().Be("p: OutOfcpu: Node didn't have enough resource: cpu");
    }

    [Theory]
    [InlineData("ContainerCreating")]
    [InlineData("PodInitializing")]
    public void A_beginning_is_no_trouble(string reason) => PodTrouble.Of(Waiting(reason, null)).Should().BeNull();

    [Fact]
    public void A_ready_pod_with_a_past_is_no_trouble()
    {
        var pod = Pod(Container(new() { Running = new() }, new() { Terminated = new() { ExitCode = 1 } }, 1));
        pod.Status!.Conditions = [new V1Condition { Type = "Ready", Status = "True" }];

        PodTrouble.Of(pod).Should().BeNull();
    }

    [Fact]
    public void Words_without_end_are_cut() => PodTrouble.Of(Waiting("CreateContainerError", new string('x', 5000)))!.Length.Should().Be(512);

    [Theory]
    [InlineData("pods \"p\" is forbidden: exceeded quota: compute")]
    [InlineData("pods \"p\" is forbidden: violates PodSecurity \"restricted:latest\"")]
    public void Pods_that_cannot_be_made_have_the_words_of_the_server(string message) =>
        PodTrouble.Of(new V1Deployment { Status = new() { Conditions = [new() { Type = "ReplicaFailure", Status = "True", Reason = "FailedCreate", Message = message }] } })
            .Should().Be("FailedCreate: " + message);

    private static V1Pod Waiting(string reason, string? message) =>
        Pod(Container(new() { Waiting = new() { Reason = reason, Message = message } }, null, restarts: 0));

    private static V1ContainerStatus Container(V1ContainerState state, V1ContainerState? last, int restarts) =>
        new() { Name = "worker", Image = "acme/x:1", State = state, LastState = last, RestartCount = restarts, Started = true };

    private static V1Pod Pod(params V1ContainerStatus[] containers) => new()
    {
        Metadata = new V1ObjectMeta { Name = "p" },
        Status = new V1PodStatus { Phase = "Pending", ContainerStatuses = [.. containers] },
    };
}
