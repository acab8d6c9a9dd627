using System.Text.Json.Nodes;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Resources.Pods;

namespace K8sQueue.Operator.Drains;

/// <summary>Where a pool's workers can be asked: K8sQueue's own image can, and any other whose template declares a port named <c>management</c>.</summary>
public static class ManagementPort
{
    public const string Name = "management";

    /// <summary>Whether the pool's workers can be asked, by its spec.</summary>
    public static bool IsServedBy(WorkerPoolSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.Queues.Exists(queue => queue.K8squeue is not null) || IsDeclaredBy(spec.Template);
    }

    /// <summary>The port of a revision's workers, by the template that they were made from; null where they have none.</summary>
    public static int? Of(JsonObject? template)
    {
        if (WorkerOf(template) is not { } worker)
            return null;
        if (DeclaredBy(worker) is { } declared)
            return declared;
        return (worker["env"] as JsonArray)?.Named(WorkerEnvironment.ManagementPort) is null ? null : WorkerEnvironment.PortOf(worker);
    }

    /// <summary>The port of that name which a worker's container declares; null for none.</summary>
    internal static int? DeclaredBy(JsonObject worker) =>
        (worker["ports"] as JsonArray)?.Named(Name).At("containerPort").Number();

    private static bool IsDeclaredBy(PodTemplate template) =>
        WorkerOf(OperatorJson.ToObject(template)) is { } worker && DeclaredBy(worker) is not null;

    private static JsonObject? WorkerOf(JsonObject? template) => WorkerContainers.Of(template.At("spec").At("containers") as JsonArray);
}
