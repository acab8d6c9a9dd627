using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Selectors;

namespace K8sQueue.LocalCluster.Controllers.Scheduling;

/// <summary>What the scheduler does with a pod: bind it, or say why not.</summary>
internal abstract record SchedulingDecision
{
    private const string DefaultScheduler = "default-scheduler";

    /// <summary>Bound already, ended, going away, or another scheduler's.</summary>
    public sealed record None : SchedulingDecision;

    /// <summary>Held by scheduling gates: nothing is reserved for it.</summary>
    public sealed record Gated : SchedulingDecision;

    public sealed record Bind : SchedulingDecision;

    public sealed record Unschedulable(string Message) : SchedulingDecision;

    public static SchedulingDecision For(JsonObject pod, JsonObject node)
    {
        if (pod.TextAt("spec", "nodeName") is { Length: > 0 } || pod.IsDeleting()
            || pod.TextAt("status", "phase") is "Succeeded" or "Failed"
            || (pod.TextAt("spec", "schedulerName") ?? DefaultScheduler) != DefaultScheduler)
        {
            return new None();
        }

        if (pod.ObjectsAt("spec", "schedulingGates").Any())
            return new Gated();
        if (node.FlagAt("spec", "unschedulable"))
            return new Unschedulable("0/1 nodes are available: 1 node(s) were unschedulable.");
        var selector = new JsonObject { ["matchLabels"] = pod.At("spec", "nodeSelector")?.DeepClone() };
        return LabelSelector.From(selector).Matches(node.Labels())
            ? new Bind()
            : new Unschedulable("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.");
    }
}
