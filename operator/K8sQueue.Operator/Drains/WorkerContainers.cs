using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Resources.Pods;

namespace K8sQueue.Operator.Drains;

/// <summary>Which of a pod's containers works: the one of that name, or else the first. What runs beside it holds no jobs.</summary>
internal static class WorkerContainers
{
    /// <summary>The one of a template's containers; null where there is none.</summary>
    public static JsonObject? Of(JsonArray? containers) =>
        containers?.Named(PodTemplateBuilder.WorkerContainer) ?? containers?.OfType<JsonObject>().FirstOrDefault();

    /// <summary>What the kubelet reports of it; null where it has reported nothing yet.</summary>
    public static V1ContainerStatus? WorkerStatus(this V1Pod pod)
    {
        var containers = pod.Spec.Containers ?? [];
        var worker = containers.Find(container => container.Name == PodTemplateBuilder.WorkerContainer) ?? containers.FirstOrDefault();
        return pod.Status?.ContainerStatuses?.Find(status => status.Name == worker?.Name);
    }
}
