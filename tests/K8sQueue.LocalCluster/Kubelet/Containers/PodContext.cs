using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Kubelet.Environments;
using K8sQueue.LocalCluster.Kubelet.Probes;
using K8sQueue.LocalCluster.Kubelet.Volumes;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Kubelet.Containers;

/// <summary>What the containers of a pod share.</summary>
internal sealed class PodContext
{
    private const string Component = "kubelet";
    private const int DefaultGraceSeconds = 30;

    /// <summary>The pod as it was when the kubelet first saw it.</summary>
    public required JsonObject Pod { get; init; }

    public required string Address { get; init; }

    public required string Directory { get; init; }

    /// <summary>Marks the processes of this LocalCluster.</summary>
    public required string Instance { get; init; }

    public required KubeletOptions Options { get; init; }

    public required ConfigurationSource Source { get; init; }

    public required PodVolumes Volumes { get; init; }

    public required ProbeClient Probes { get; init; }

    public required EventRecorder Events { get; init; }

    public required TimeProvider Time { get; init; }

    public required Termination Termination { get; init; }

    /// <summary>Writes the pod's status; called with <see cref="Lock"/> held.</summary>
    public required Action Publish { get; init; }

    public Lock Lock { get; } = new();

    public TimeSpan GracePeriod => TimeSpan.FromSeconds(Pod.IntegerAt("spec", "terminationGracePeriodSeconds") ?? DefaultGraceSeconds);

    public void Tell(string type, string reason, string message, JsonObject? container = null) =>
        Events.Record(Component, Pod, type, reason, message, container is null ? null : $"spec.containers{{{container.TextAt("name")}}}");

    /// <summary>Waits; not longer than until the pod's end is asked for.</summary>
    public async Task DelayAsync(TimeSpan delay) =>
        await Task.Delay(delay, Time, Termination.Requested).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
