using System.Text.Json.Nodes;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Resources.Pods;

/// <summary>
/// Where a pool's pods show their metrics: on the port named <c>metrics</c> of any of their containers, or else on the worker's management port.
/// </summary>
internal static class MetricsPort
{
    public const string Name = "metrics";
    public const string Path = "/metrics";

    /// <summary>The port's name, as the pods have it; null where there is none that has a name.</summary>
    public static string? NameOf(WorkerPoolSpec spec)
    {
        var containers = OperatorJson.ToObject(spec.Template).At("spec").At("containers") as JsonArray ?? [];
        if (containers.OfType<JsonObject>().Any(container => (container["ports"] as JsonArray)?.Named(Name) is not null))
            return Name;
        if (WorkerContainers.Of(containers) is not { } worker)
            return null;
        var ports = worker["ports"] as JsonArray;
        if (ports?.Named(ManagementPort.Name) is not null)
            return ManagementPort.Name;
        if (!spec.Queues.Exists(queue => queue.K8squeue is not null))
            return null;
        // A port that the template declares under another name stays as it is; without, it is added.
        var number = WorkerEnvironment.PortOf(worker);
        var declared = ports?.FirstOrDefault(port => port.At("containerPort").Number() == number);
        return declared is null ? ManagementPort.Name : declared.At("name").Text();
    }
}
