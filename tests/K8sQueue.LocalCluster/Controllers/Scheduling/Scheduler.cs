using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Controllers.Nodes;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Controllers.Scheduling;

/// <summary>Binds pods to the one node. A pod with scheduling gates stays Pending, bound to nothing, until the last gate is removed.</summary>
internal sealed class Scheduler(IClusterApi api, EventRecorder events, TimeProvider time, ILogger<Scheduler> logger)
    : Controller(api, time, logger)
{
    private const string Component = "default-scheduler";
    private const string PodScheduled = "PodScheduled";

    protected override IEnumerable<(GroupResource Resource, Func<ClusterEvent, IEnumerable<ObjectKey>> Keys)> Sources =>
    [
        (GroupResource.Pods, Self),
        (GroupResource.Nodes, _ => Api.List(GroupResource.Pods).Where(p => p.TextAt("spec", "nodeName") is null).Select(p => p.Key())),
    ];

    protected override TimeSpan? Reconcile(ObjectKey key)
    {
        if (Api.Get(GroupResource.Pods, key.Namespace, key.Name) is not { } pod
            || Api.Get(GroupResource.Nodes, null, LocalNode.Name) is not { } node)
        {
            return null;
        }

        switch (SchedulingDecision.For(pod, node))
        {
            case SchedulingDecision.Gated:
                Condition(pod, "False", "SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates");
                break;
            case SchedulingDecision.Unschedulable unschedulable:
                if (Condition(pod, "False", "Unschedulable", unschedulable.Message))
                    events.Record(Component, pod, EventRecorder.Warning, "FailedScheduling", unschedulable.Message);
                break;
            case SchedulingDecision.Bind:
                Bind(pod);
                break;
        }

        return null;
    }

    private void Bind(JsonObject pod)
    {
        var bound = Api.Modify(GroupResource.Pods, pod.Namespace(), pod.Name(), p =>
            p.Uid() == pod.Uid() && !p.IsDeleting() && !p.ObjectsAt("spec", "schedulingGates").Any() && p.Put(LocalNode.Name, "spec", "nodeName"));
        if (bound?.TextAt("spec", "nodeName") is null)
            return;
        Condition(pod, "True", null, null);
        events.Record(
            Component, pod, EventRecorder.Normal, "Scheduled",
            $"Successfully assigned {pod.Namespace()}/{pod.Name()} to {LocalNode.Name}");
    }

    private bool Condition(JsonObject pod, string status, string? reason, string? message)
    {
        var changed = false;
        Api.Modify(
            GroupResource.Pods, pod.Namespace(), pod.Name(),
            p => p.Uid() == pod.Uid() && (changed = StatusConditions.Set(p.Need("status"), PodScheduled, status, reason, message, Time.GetUtcNow())),
            "status");
        return changed;
    }
}
