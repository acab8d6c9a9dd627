using System.Globalization;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Tables;

/// <summary>The columns of pods; the status is the most telling reason, as printPod computes it.</summary>
internal static class PodColumns
{
    public static readonly IReadOnlyList<TableColumn> All =
    [
        CommonColumns.Name,
        new("Ready", "string", (v, _) => Ready(v)),
        new("Status", "string", (v, _) => Status(v)),
        new("Restarts", "string", (v, now) => Restarts(v, now)),
        CommonColumns.Age,
        CommonColumns.Text("IP", "status", "podIP").Wide(),
        CommonColumns.Text("Node", "spec", "nodeName").Wide(),
        CommonColumns.Text("Nominated Node", "status", "nominatedNodeName").Wide(),
        new TableColumn("Readiness Gates", "string", (_, _) => null).Wide(),
    ];

    private static string Ready(JsonObject pod)
    {
        var total = pod.ListAt("spec", "containers")?.Count ?? 0;
        return $"{Statuses(pod).Count(s => s.FlagAt("ready") && s.At("state", "running") is not null)}/{total}";
    }

    private static string Status(JsonObject pod)
    {
        var reason = pod.TextAt("status", "reason") ?? pod.TextAt("status", "phase") ?? "";
        if (pod.ListAt("status", "conditions")?.Any(c => c.TextAt("type") == "PodScheduled" && c.TextAt("reason") == "SchedulingGated") == true
            && pod.ListAt("spec", "schedulingGates") is { Count: > 0 })
            reason = "SchedulingGated";
        foreach (var status in Statuses(pod).Reverse())
        {
            if (status.TextAt("state", "waiting", "reason") is { Length: > 0 } waiting)
                reason = waiting;
            else if (status.MapAt("state", "terminated") is { } ended)
                reason = Ended(ended);
        }

        if (reason == "Completed" && Statuses(pod).Any(s => s.FlagAt("ready") && s.At("state", "running") is not null))
            reason = "Running";
        if (!pod.IsDeleting())
            return reason;
        return pod.TextAt("status", "reason") == "NodeLost" ? "Unknown" : "Terminating";
    }

    private static string Ended(JsonObject ended)
    {
        if (ended.TextAt("reason") is { Length: > 0 } reason)
            return reason;
        return ended.NumberAt("signal") is { } signal and not 0 ? $"Signal:{signal}" : $"ExitCode:{ended.NumberAt("exitCode") ?? 0}";
    }

    private static string Restarts(JsonObject pod, DateTimeOffset now)
    {
        var count = Statuses(pod).Sum(s => s.NumberAt("restartCount") ?? 0);
        var last = Statuses(pod).Select(s => s.At("lastState", "terminated", "finishedAt").Time()).Max();
        var text = count.ToString(CultureInfo.InvariantCulture);
        return count > 0 && last is { } at ? $"{text} ({HumanDuration.Of(now - at)} ago)" : text;
    }

    private static IEnumerable<JsonObject> Statuses(JsonObject pod) =>
        pod.ListAt("status", "containerStatuses")?.OfType<JsonObject>() ?? [];
}
