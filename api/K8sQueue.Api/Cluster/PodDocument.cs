using System.Globalization;
using System.Text.Json;
using K8sQueue.Api.Cluster.Resources;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Api.Cluster;

/// <summary>A pod of a pool.</summary>
internal sealed record PodDocument
{
    public required string Name { get; init; }

    /// <summary>waiting (for connections), starting, ready, draining or ended.</summary>
    public required string State { get; init; }

    /// <summary>Pending, Running, Succeeded, Failed or Unknown, as Kubernetes has it.</summary>
    public string? Phase { get; init; }

    public string? Node { get; init; }

    /// <summary>The hash of the template that it was made from.</summary>
    public string? Revision { get; init; }

    /// <summary>Jobs that it runs, or has fetched to run next; null where it consumes no queue of this API's Redis.</summary>
    public int? InFlight { get; init; }

    public required int Restarts { get; init; }

    /// <summary>Why it does not start or go on, in Kubernetes' words: ImagePullBackOff, CrashLoopBackOff, Unschedulable.</summary>
    public string? Trouble { get; init; }

    /// <summary>Since when it is on its way out.</summary>
    public DateTimeOffset? DrainingSince { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>What it is charged, connections by budget.</summary>
    public required IReadOnlyDictionary<string, int> Connections { get; init; }

    public static PodDocument From(V1Pod pod, IReadOnlyDictionary<string, int> inFlight)
    {
        var draining = DrainingSinceOf(pod);
        return new PodDocument
        {
            Name = pod.Metadata.Name ?? "",
            State = StateOf(pod, draining),
            Phase = pod.Status?.Phase,
            Node = string.IsNullOrEmpty(pod.Spec.NodeName) ? null : pod.Spec.NodeName,
            Revision = pod.Label(ClusterNames.Revision),
            InFlight = inFlight.TryGetValue(pod.Metadata.Name ?? "", out var jobs) ? jobs : null,
            Restarts = Statuses(pod).Sum(status => status.RestartCount),
            Trouble = TroubleOf(pod),
            DrainingSince = draining,
            StartedAt = pod.Status?.StartTime,
            CreatedAt = pod.Metadata.CreationTimestamp,
            Connections = ChargesOf(pod),
        };
    }

    private static string StateOf(V1Pod pod, DateTimeOffset? draining) => pod switch
    {
        { Status.Phase: "Succeeded" or "Failed" } => "ended",
        { Spec.SchedulingGates: { } gates } when gates.Exists(gate => gate.Name == ClusterNames.ConnectionsGate) => "waiting",
        _ when draining is not null => "draining",
        _ => pod.Status?.Conditions.IsTrue("Ready") == true ? "ready" : "starting",
    };

    /// <summary>When it was chosen to go, or else when its deletion was asked for: its time is that of the end of its grace.</summary>
    private static DateTimeOffset? DrainingSinceOf(V1Pod pod)
    {
        var chosen = DateTimeOffset.TryParse(
            pod.Annotation(ClusterNames.DrainingSince), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at);
        return chosen ? at : pod.Metadata.DeletionTimestamp - TimeSpan.FromSeconds(pod.Metadata.DeletionGracePeriodSeconds ?? 0);
    }

    private static string? TroubleOf(V1Pod pod)
    {
        if (pod.Status is not { } status || status.Conditions.IsTrue("Ready"))
            return null;
        var waiting = Statuses(pod).Select(container => container.State?.Waiting?.Reason)
            .FirstOrDefault(reason => reason is not (null or "ContainerCreating" or "PodInitializing"));
        if (waiting is not null)
            return waiting;
        return status.Conditions.Find("PodScheduled") is { Status: V1Condition.False, Reason: "Unschedulable" } unscheduled
            ? unscheduled.Reason
            : status.Reason;
    }

    private static Dictionary<string, int> ChargesOf(V1Pod pod)
    {
        try
        {
            return pod.Annotation(ClusterNames.Charges) is { } text
                ? JsonSerializer.Deserialize(text, ClusterJsonContext.Default.DictionaryStringInt32) ?? []
                : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static IEnumerable<V1ContainerStatus> Statuses(V1Pod pod) =>
        (pod.Status?.InitContainerStatuses ?? []).Concat(pod.Status?.ContainerStatuses ?? []);
}

/// <summary>A pool's pods, by name.</summary>
/// <param name="Pods">The pods.</param>
internal sealed record PodList(IReadOnlyList<PodDocument> Pods);
