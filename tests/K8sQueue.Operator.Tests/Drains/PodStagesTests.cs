using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Drains;

public sealed class PodStagesTests
{
    private static readonly V1ContainerState Runs = new() { Running = new() };

    [Fact]
    public void A_gated_pod_is_empty() => PodStages.Of(Samples.GatedPod("a", "emails", "r", "{}"), isExact: true).Should().Be(PodStage.Empty);

    [Fact]
    public void What_runs_beside_the_worker_holds_no_jobs()
    {
        PodStages.Of(Pod(Waiting("ImagePullBackOff"), sidecar: Runs), isExact: true).Should().Be(PodStage.NotStarted);
        PodStages.Of(Pod(Waiting("CrashLoopBackOff"), sidecar: Runs, last: new() { Terminated = new() { ExitCode = 1 } }), isExact: true)
            .Should().Be(PodStage.Stopped);
        PodStages.Of(Pod(Runs, sidecar: Waiting("CrashLoopBackOff")), isExact: true).Should().Be(PodStage.Running);
    }

    [Fact]
    public void A_pod_that_the_kubelet_has_not_reported_yet_may_run_where_that_must_be_certain()
    {
        var pod = Pod(Runs);
        pod.Status = new V1PodStatus { Phase = "Pending" };

        PodStages.Of(pod, isExact: true).Should().Be(PodStage.Running);
        PodStages.Of(pod, isExact: false).Should().Be(PodStage.Empty);
    }

    private static V1ContainerState Waiting(string reason) => new() { Waiting = new() { Reason = reason } };

    private static V1Pod Pod(V1ContainerState worker, V1ContainerState? sidecar = null, V1ContainerState? last = null)
    {
        var pod = Samples.GatedPod("a", "emails", "r", "{}");
        pod.Spec.SchedulingGates = null;
        Samples.Start(pod);
        pod.Status!.ContainerStatuses = [new() { Name = "worker", State = worker, LastState = last }];
        if (sidecar is not null)
        {
            pod.Spec.Containers!.Insert(0, new V1Container { Name = "proxy" });
            pod.Status.ContainerStatuses.Insert(0, new() { Name = "proxy", State = sidecar });
        }

        return pod;
    }
}
