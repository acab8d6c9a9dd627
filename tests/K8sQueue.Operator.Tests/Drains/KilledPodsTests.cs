using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Tests.Fakes;
using K8sQueue.Testing;

namespace K8sQueue.Operator.Tests.Drains;

public sealed class KilledPodsTests
{
    private static readonly NamespacedName Pool = new(Samples.Namespace, "emails");

    private readonly ManualTimeProvider _time = new();
    private readonly KilledPods _killed;

    public KilledPodsTests() => _killed = new KilledPods(new DrainMetrics(new FakeMeters()), _time);

    [Fact]
    public void A_pod_that_gets_SIGKILL_after_its_deletion_is_told_once()
    {
        Observe(Ended(137));
        Observe(Ended(137));

        _killed.Take(Pool).Should().Equal("a");
        _killed.Take(Pool).Should().BeEmpty();
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(143, "Error")]
    [InlineData(137, "OOMKilled")]
    public void A_pod_that_ends_otherwise_is_not(int exitCode, string? reason)
    {
        Observe(Ended(exitCode, reason));

        _killed.Take(Pool).Should().BeEmpty();
    }

    [Fact]
    public void A_pod_that_nobody_deleted_is_not()
    {
        var pod = Ended(137);
        pod.Metadata.DeletionTimestamp = null;

        Observe(pod);

        _killed.Take(Pool).Should().BeEmpty();
    }

    [Fact]
    public void A_pod_that_was_killed_before_the_watch_began_is_not()
    {
        _killed.Observe(new(null, Ended(137)));

        _killed.Take(Pool).Should().BeEmpty();
    }

    [Fact]
    public void A_sidecar_that_has_to_be_killed_is_not()
    {
        var pod = Ended(0);
        var sidecar = Ended(137).Status!.ContainerStatuses![0];
        sidecar.Name = "istio-proxy";
        pod.Status!.ContainerStatuses!.Add(sidecar);

        Observe(pod);

        _killed.Take(Pool).Should().BeEmpty();
    }

    private void Observe(V1Pod pod) => _killed.Observe(new(Running(), pod));

    private static V1Pod Running()
    {
        var pod = Samples.GatedPod("a", "emails", "r", "{}");
        pod.Metadata.Uid = "uid-a";
        Samples.Start(pod);
        return pod;
    }

    private static V1Pod Ended(int exitCode, string? reason = null)
    {
        var pod = Running();
        pod.Metadata.DeletionTimestamp = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        pod.Status!.ContainerStatuses = [Samples.Container(new V1ContainerState { Terminated = new() { ExitCode = exitCode, Reason = reason } })];
        return pod;
    }
}
