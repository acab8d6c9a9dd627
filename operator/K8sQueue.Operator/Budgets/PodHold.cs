using System.Text.Json;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Budgets;

/// <summary>What a pod means to the budgets.</summary>
public static class PodHold
{
    /// <summary>It waits for its grant: not scheduled, holds nothing.</summary>
    public static bool IsGated(this V1Pod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return pod.Spec.SchedulingGates?.Exists(gate => gate.Name == Labels.ConnectionsGate) == true;
    }

    /// <summary>
    /// It can hold no connection any more: its phase is final, and every container is reported terminated, or as never started. The phase alone
    /// says little (a lost node's pods get it too), and so does a terminated container (it may be started again).
    /// </summary>
    public static bool HasEnded(this V1Pod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        if (pod.Status?.Phase is not ("Succeeded" or "Failed"))
            return false;
        var statuses = (pod.Status.ContainerStatuses ?? []).Concat(pod.Status.InitContainerStatuses ?? []).ToList();
        var refused = WasRefused(pod.Status);
        if (statuses.Count == 0)
            return refused;
        return pod.Spec.Containers?.TrueForAll(container => statuses.Exists(status => status.Name == container.Name)) != false
            && statuses.TrueForAll(status => IsOver(status) || (IsInit(pod, status) && status.State is { Running: null }) || (refused && NeverRan(status)));
    }

    /// <summary>
    /// The kubelet refused the pod and tells of no container. So it does of a pod that never started, but also of one that ran, where the kubelet
    /// was restarted and does not admit it any more: its status is begun anew, and its containers may run for a while yet.
    /// </summary>
    public static bool EndIsUnsure(this V1Pod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return pod.HasEnded() && pod.Status!.ContainerStatuses is not { Count: > 0 } && pod.Status.InitContainerStatuses is not { Count: > 0 };
    }

    /// <summary>No kubelet has taken it on yet.</summary>
    public static bool IsUntouched(this V1Pod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return pod.Status is not { StartTime: not null } and not { Phase: not (null or "" or "Pending") }
            && pod.Status?.ContainerStatuses is not { Count: > 0 } && pod.Status?.InitContainerStatuses is not { Count: > 0 };
    }

    /// <summary>
    /// It never ran, or has ended, and neither can change any more: a pod that is being deleted is never bound to a node. (A watch with a label
    /// selector says "deleted" of a pod that only lost the label, too.)
    /// </summary>
    public static bool EndIsConfirmed(this V1Pod last)
    {
        ArgumentNullException.ThrowIfNull(last);
        return (last.HasEnded() && !last.EndIsUnsure()) || (last.IsDeleting() && string.IsNullOrEmpty(last.Spec.NodeName));
    }

    /// <summary>Connections by budget; empty where the pod holds none, null where the annotation can't be read.</summary>
    public static IReadOnlyDictionary<string, int>? Charges(this V1Pod pod)
    {
        if (pod.Annotation(Labels.Charges) is not { } text)
            return new Dictionary<string, int>();
        try
        {
            return JsonSerializer.Deserialize(text, OperatorJsonContext.Default.DictionaryStringInt32);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// The kubelet ended the pod (admission, eviction, a deadline) and said why. What it never started is reported as waiting, or not at all;
    /// but so it is of a pod whose node was lost.
    /// </summary>
    private static bool WasRefused(V1PodStatus status) =>
        !string.IsNullOrEmpty(status.Reason) && status.Reason != "NodeLost"
        && status.Conditions.Find("DisruptionTarget")?.Reason != "DeletionByPodGC";

    private static bool IsOver(V1ContainerStatus status) => status.State is { Running: null, Terminated: not null };

    private static bool NeverRan(V1ContainerStatus status) =>
        status.State is { Running: null, Waiting: not null } && string.IsNullOrEmpty(status.ContainerID)
        && status.LastState is null or { Running: null, Terminated: null };

    private static bool IsInit(V1Pod pod, V1ContainerStatus status) =>
        pod.Spec.InitContainers?.Exists(container => container.Name == status.Name) == true;
}
