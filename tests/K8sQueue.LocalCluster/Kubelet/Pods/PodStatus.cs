using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Kubelet.Containers;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Kubelet.Pods;

/// <summary>What the kubelet knows of a pod.</summary>
/// <param name="Ended">Nothing of it runs, and nothing will.</param>
internal sealed record PodView(
    string RestartPolicy,
    string Address,
    DateTimeOffset StartTime,
    IReadOnlyList<(ContainerSnapshot Container, bool Sidecar)> Inits,
    IReadOnlyList<ContainerSnapshot> Containers,
    bool Ended);

/// <summary>Writes a pod's status as the kubelet does.</summary>
internal static class PodStatus
{
    /// <summary>Brings the status to the view; tells whether anything changed. A phase that ended stays.</summary>
    public static bool Apply(JsonObject status, PodView view, DateTimeOffset now)
    {
        var phase = status.TextAt("phase") is PodPhase.Succeeded or PodPhase.Failed
            ? status.TextAt("phase")!
            : PodPhase.Of(view.RestartPolicy, [.. view.Inits.Where(i => !i.Sidecar).Select(i => i.Container)], view.Containers, view.Ended);
        var changed = status.Put(phase, "phase")
            | status.Put("127.0.0.1", "hostIP")
            | status.Put(new JsonArray(new JsonObject { ["ip"] = "127.0.0.1" }), "hostIPs")
            | status.Put(view.Address, "podIP")
            | status.Put(new JsonArray(new JsonObject { ["ip"] = view.Address }), "podIPs");
        if (status.TextAt("startTime") is null)
            changed |= status.Put(view.StartTime.ToTimestamp(), "startTime");
        if (view.Inits.Count > 0)
            changed |= status.Put(Statuses(view.Inits.Select(i => (i.Container, i.Sidecar ? i.Container.Ready : i.Container.State is ContainerState.Terminated { ExitCode: 0 }))), "initContainerStatuses");
        changed |= status.Put(Statuses(view.Containers.Select(c => (c, c.Ready))), "containerStatuses");
        return changed | Conditions(status, view, phase, now);
    }

    private static bool Conditions(JsonObject status, PodView view, string phase, DateTimeOffset now)
    {
        bool Set(string type, bool value, string? reason = null, string? message = null) =>
            StatusConditions.Set(status, type, value ? "True" : "False", reason, message, now);

        var incomplete = view.Inits
            .Where(i => i.Sidecar ? !i.Container.Started : i.Container.State is not ContainerState.Terminated { ExitCode: 0 })
            .Select(i => i.Container.Name).ToList();
        var unready = view.Containers.Concat(view.Inits.Where(i => i.Sidecar).Select(i => i.Container))
            .Where(c => !c.Ready).Select(c => c.Name).ToList();
        var (reason, message) = phase switch
        {
            PodPhase.Succeeded => ("PodCompleted", null),
            PodPhase.Failed => ("PodFailed", null),
            _ => ("ContainersNotReady", $"containers with unready status: [{string.Join(' ', unready)}]"),
        };
        var initialized = incomplete.Count == 0 || view.Containers.Any(c => c.ContainerId is not null);
        var changed = Set("PodReadyToStartContainers", !view.Ended)
            | (initialized
                ? Set("Initialized", true, phase == PodPhase.Succeeded ? "PodCompleted" : null)
                : Set("Initialized", false, "ContainersNotInitialized", $"containers with incomplete status: [{string.Join(' ', incomplete)}]"));
        var ready = unready.Count == 0 && phase is PodPhase.Running;
        foreach (var type in (ReadOnlySpan<string>)["Ready", "ContainersReady"])
            changed |= ready ? Set(type, true) : Set(type, false, reason, message);
        return changed | Set("PodScheduled", true);
    }

    private static JsonArray Statuses(IEnumerable<(ContainerSnapshot Container, bool Ready)> containers) =>
        [.. containers.Select(c => Status(c.Container, c.Ready))];

    private static JsonObject Status(ContainerSnapshot container, bool ready)
    {
        var status = new JsonObject
        {
            ["name"] = container.Name,
            ["state"] = State(container.State),
            ["lastState"] = container.Last is { } last ? State(last) : new JsonObject(),
            ["ready"] = ready,
            ["restartCount"] = container.RestartCount,
            ["image"] = container.Image,
            ["imageID"] = "",
            ["started"] = container.Started,
        };
        if (container.ContainerId is { } id)
        {
            status["containerID"] = ContainerUri(id);
            status["imageID"] = $"local://{container.Image}";
        }

        return status;
    }

    private static JsonObject State(ContainerState state)
    {
        switch (state)
        {
            case ContainerState.Running running:
                return new() { ["running"] = new JsonObject { ["startedAt"] = running.StartedAt.ToTimestamp() } };
            case ContainerState.Terminated terminated:
                var end = new JsonObject
                {
                    ["exitCode"] = terminated.ExitCode,
                    ["reason"] = terminated.Reason,
                    ["startedAt"] = terminated.StartedAt.ToTimestamp(),
                    ["finishedAt"] = terminated.FinishedAt.ToTimestamp(),
                };
                if (terminated.ContainerId.Length > 0)
                    end["containerID"] = ContainerUri(terminated.ContainerId);
                if (terminated.Message is { } why)
                    end["message"] = why;
                return new() { ["terminated"] = end };
            default:
                var waiting = (ContainerState.Waiting)state;
                var wait = new JsonObject { ["reason"] = waiting.Reason };
                if (waiting.Message is { } message)
                    wait["message"] = message;
                return new() { ["waiting"] = wait };
        }
    }

    private static string ContainerUri(string id) => $"local://{id}";
}
