using System.Diagnostics.Metrics;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Tests.Fakes;
using K8sQueue.Testing;

namespace K8sQueue.Operator.Tests.Drains;

public sealed class KilledPodsTests
{
    private const string PoolName = "killed-pods-tests";
    private static readonly NamespacedName Pool = new(Samples.Namespace, PoolName);

    private readonly ManualTimeProvider _time = new();
    private readonly KilledPods _killed;
    private bool _isLeading = true;

    public KilledPodsTests() => _killed = new KilledPods(new DrainMetrics(new FakeMeters()), _time, () => _isLeading);

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
    public void A_pod_that_its_kubelet_evicted_is()
    {
        var pod = Ended(137);
        pod.Metadata.DeletionTimestamp = null;
        (pod.Status!.Phase, pod.Status.Reason) = ("Failed", "Evicted");

        Observe(pod);
        pod.Metadata.DeletionTimestamp = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        Observe(pod);

        _killed.Take(Pool).Should().Equal("a");
    }

    [Fact]
    public void A_pod_that_was_killed_before_the_watch_began_is_not()
    {
        _killed.Observe(new(null, Ended(137)));

        _killed.Take(Pool).Should().BeEmpty();
    }

    [Fact]
    public void A_pod_that_was_killed_before_the_watch_began_is_not_either_when_it_goes()
    {
        _killed.Observe(new(null, Ended(137)));
        _killed.Observe(new(Ended(137), null));

        _killed.Take(Pool).Should().BeEmpty();
    }

    [Fact]
    public void A_kill_that_only_the_deletion_tells_of_is_told()
    {
        _killed.Observe(new(Ended(137), null));

        _killed.Take(Pool).Should().Equal("a");
    }

    [Fact]
    public void A_standby_counts_none()
    {
        using var counted = new Counted();
        _isLeading = false;

        Observe(Ended(137));

        _killed.Take(Pool).Should().BeEmpty();
        counted.Killed.Should().Be(0);
    }

    [Fact]
    public void A_kill_of_before_the_hand_over_was_the_earlier_leaders_to_count()
    {
        using var counted = new Counted();
        _isLeading = false;
        Observe(Ended(137));

        _isLeading = true;
        Observe(Ended(137));
        _killed.Observe(new(Ended(137), null));
        Observe(Ended(137, uid: "uid-b"));

        _killed.Take(Pool).Should().Equal("a");
        counted.Killed.Should().Be(1);
    }

    [Fact]
    public void One_that_stays_for_long_after_it_was_killed_is_told_once()
    {
        Observe(Ended(137));
        _killed.Take(Pool).Should().Equal("a");

        _time.Advance(TimeSpan.FromMinutes(11));
        Observe(Ended(137, uid: "uid-b"));
        Observe(Ended(137));

        _killed.Take(Pool).Should().ContainSingle();
    }

    [Fact]
    public void What_nobody_takes_is_not_kept_for_a_later_pool_of_that_name()
    {
        Observe(Ended(137));

        _time.Advance(TimeSpan.FromMinutes(11));

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
        var pod = Samples.GatedPod("a", PoolName, "r", "{}");
        pod.Metadata.Uid = "uid-a";
        Samples.Start(pod);
        return pod;
    }

    private static V1Pod Ended(int exitCode, string? reason = null, string uid = "uid-a")
    {
        var pod = Running();
        pod.Metadata.Uid = uid;
        pod.Metadata.DeletionTimestamp = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        pod.Status!.ContainerStatuses = [Samples.Container(new V1ContainerState { Terminated = new() { ExitCode = exitCode, Reason = reason } })];
        return pod;
    }

    /// <summary>What the metrics say that came of this test.</summary>
    private sealed class Counted : IDisposable
    {
        private readonly MeterListener _listener = new();

        public Counted()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "k8squeue_workerpool_killed_pods_total")
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, value, tags, _) => Killed += IsOurs(tags) ? value : 0);
            _listener.Start();
        }

        public long Killed { get; private set; }

        public void Dispose() => _listener.Dispose();

        private static bool IsOurs(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (var tag in tags)
            {
                if (tag is { Key: "pool", Value: PoolName })
                    return true;
            }

            return false;
        }
    }
}
