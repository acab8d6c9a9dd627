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
    /// It can hold no connection any more: its phase is final, and every container is reported terminated. The phase alone says little (a lost
    /// node's pods get it too), and so does a terminated container (it may be started again).
    /// </summary>
    public static bool HasEnded(this V1Pod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        if (pod.Status?.Phase is not ("Succeeded" or "Failed"))
            return false;
        var statuses = (pod.Status.ContainerStatuses ?? []).Concat(pod.Status.InitContainerStatuses ?? []).ToList();
        if (statuses.Count == 0)
            return WasRejected(pod.Status);
        return pod.Spec.Containers?.TrueForAll(container => IsTerminated(statuses, container.Name)) != false
            && statuses.TrueForAll(status => status.State is { Running: null } state && (state.Terminated is not null || IsInit(pod, status)));
    }

    /// <summary>It never ran, or has ended, by its last state; said of a pod that is deleted.</summary>
    public static bool EndIsConfirmed(this V1Pod last)
    {
        ArgumentNullException.ThrowIfNull(last);
        return string.IsNullOrEmpty(last.Spec.NodeName) || last.HasEnded();
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

    /// <summary>A kubelet that refuses a pod (admission, eviction before a start) reports no container; so does a node that was lost.</summary>
    private static bool WasRejected(V1PodStatus status) =>
        !string.IsNullOrEmpty(status.Reason) && status.Reason != "NodeLost"
        && status.Conditions.Find("DisruptionTarget")?.Reason != "DeletionByPodGC";

    private static bool IsTerminated(List<V1ContainerStatus> statuses, string container) =>
        statuses.Find(status => status.Name == container)?.State?.Terminated is not null;

    private static bool IsInit(V1Pod pod, V1ContainerStatus status) =>
        pod.Spec.InitContainers?.Exists(container => container.Name == status.Name) == true;
}
