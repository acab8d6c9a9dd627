using System.Globalization;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;
using static K8sQueue.LocalCluster.Tables.CommonColumns;

namespace K8sQueue.LocalCluster.Tables;

/// <summary>The columns of the built-in kinds, as k8s.io/kubernetes/pkg/printers/internalversion has them.</summary>
internal static class BuiltInColumns
{
    public static readonly IReadOnlyList<TableColumn> Namespaces = [Name, Text("Status", "status", "phase"), Age];

    public static readonly IReadOnlyList<TableColumn> Nodes =
    [
        Name,
        new("Status", "string", (v, _) => NodeStatus(v)),
        new("Roles", "string", (_, _) => "<none>"),
        Age,
        Text("Version", "status", "nodeInfo", "kubeletVersion"),
        new TableColumn("Internal-IP", "string", (v, _) => v.ListAt("status", "addresses")
            ?.FirstOrDefault(a => a.TextAt("type") == "InternalIP").TextAt("address")).Wide(),
    ];

    public static readonly IReadOnlyList<TableColumn> Pods = PodColumns.All;

    public static readonly IReadOnlyList<TableColumn> ConfigMaps =
        [Name, new("Data", "integer", (v, _) => (v.MapAt("data")?.Count ?? 0) + (v.MapAt("binaryData")?.Count ?? 0)), Age];

    public static readonly IReadOnlyList<TableColumn> Secrets =
        [Name, Text("Type", "type"), new("Data", "integer", (v, _) => v.MapAt("data")?.Count ?? 0), Age];

    public static readonly IReadOnlyList<TableColumn> Services =
    [
        Name,
        Text("Type", "spec", "type"),
        Text("Cluster-IP", "spec", "clusterIP"),
        new("External-IP", "string", (v, _) => v.TextAt("spec", "externalName")),
        new("Port(s)", "string", (v, _) => string.Join(",", v.ListAt("spec", "ports")
            ?.Select(p => $"{p.NumberAt("port")}/{p.TextAt("protocol")}") ?? [])),
        Age,
        new TableColumn("Selector", "string", (v, _) => string.Join(",", v.MapAt("spec", "selector")
            ?.Select(s => $"{s.Key}={s.Value.AsText()}") ?? [])).Wide(),
    ];

    public static readonly IReadOnlyList<TableColumn> ServiceAccounts = [Name, Age];

    public static readonly IReadOnlyList<TableColumn> Events =
    [
        new("Last Seen", "string", (v, now) => EventAge(v, now)),
        Text("Type", "type"),
        Text("Reason", "reason"),
        new("Object", "string", (v, _) => Regarding(v)),
        new TableColumn("Subobject", "string", (v, _) =>
            v.TextAt("involvedObject", "fieldPath") ?? v.TextAt("regarding", "fieldPath")).Wide(),
        new TableColumn("Source", "string", (v, _) =>
            v.TextAt("source", "component") ?? v.TextAt("reportingComponent") ?? v.TextAt("reportingController")).Wide(),
        new("Message", "string", (v, _) => (v.TextAt("message") ?? v.TextAt("note"))?.Trim()),
        new TableColumn("Count", "integer", (v, _) => v.NumberAt("series", "count") ?? v.NumberAt("count") ?? 1).Wide(),
        new TableColumn("Name", "string", (v, _) => v.Name()) { Format = "name" }.Wide(),
    ];

    public static readonly IReadOnlyList<TableColumn> Deployments =
    [
        Name,
        new("Ready", "string", (v, _) => $"{v.NumberAt("status", "readyReplicas") ?? 0}/{v.NumberAt("spec", "replicas") ?? 0}"),
        Number("Up-to-date", "status", "updatedReplicas"),
        Number("Available", "status", "availableReplicas"),
        Age,
        .. Containers("spec", "template", "spec"),
        new TableColumn("Selector", "string", (v, _) => Selector(v)).Wide(),
    ];

    public static readonly IReadOnlyList<TableColumn> ReplicaSets =
    [
        Name,
        Number("Desired", "spec", "replicas"),
        Number("Current", "status", "replicas"),
        Number("Ready", "status", "readyReplicas"),
        Age,
        .. Containers("spec", "template", "spec"),
        new TableColumn("Selector", "string", (v, _) => Selector(v)).Wide(),
    ];

    public static readonly IReadOnlyList<TableColumn> HorizontalPodAutoscalers =
    [
        Name,
        new("Reference", "string", (v, _) => $"{v.TextAt("spec", "scaleTargetRef", "kind")}/{v.TextAt("spec", "scaleTargetRef", "name")}"),
        new("Targets", "string", (v, _) => AutoscalerColumns.Targets(v)),
        new("MinPods", "string", (v, _) => (v.NumberAt("spec", "minReplicas") ?? 1).ToString(CultureInfo.InvariantCulture)),
        Number("MaxPods", "spec", "maxReplicas"),
        Number("Replicas", "status", "currentReplicas"),
        Age,
    ];

    public static readonly IReadOnlyList<TableColumn> PodDisruptionBudgets =
    [
        Name,
        new("Min Available", "string", (v, _) => v.At("spec", "minAvailable")?.ToString() ?? "N/A"),
        new("Max Unavailable", "string", (v, _) => v.At("spec", "maxUnavailable")?.ToString() ?? "N/A"),
        Number("Allowed Disruptions", "status", "disruptionsAllowed"),
        Age,
    ];

    public static readonly IReadOnlyList<TableColumn> Leases = [Name, Text("Holder", "spec", "holderIdentity"), Age];

    public static readonly IReadOnlyList<TableColumn> Bindings =
    [
        Name,
        new("Role", "string", (v, _) => $"{v.TextAt("roleRef", "kind")}/{v.TextAt("roleRef", "name")}"),
        Age,
    ];

    public static readonly IReadOnlyList<TableColumn> WithTimestamp = [Name, Text("Created At", "metadata", "creationTimestamp")];

    public static readonly IReadOnlyList<TableColumn> Definitions = [Name, Text("Created At", "metadata", "creationTimestamp")];

    private static string NodeStatus(JsonObject node)
    {
        var ready = node.ListAt("status", "conditions")?.FirstOrDefault(c => c.TextAt("type") == "Ready").TextAt("status");
        var status = ready switch { "True" => "Ready", null => "Unknown", _ => "NotReady" };
        return node.FlagAt("spec", "unschedulable") ? status + ",SchedulingDisabled" : status;
    }

    private static string Regarding(JsonObject value)
    {
        var about = value.MapAt("involvedObject") ?? value.MapAt("regarding");
        return $"{about.TextAt("kind")?.ToLowerInvariant()}/{about.TextAt("name")}";
    }

    private static string EventAge(JsonObject value, DateTimeOffset now)
    {
        var last = value.At("series", "lastObservedTime").Time() ?? value.At("lastTimestamp").Time()
            ?? value.At("deprecatedLastTimestamp").Time() ?? value.At("eventTime").Time();
        var first = value.At("firstTimestamp").Time() ?? value.At("deprecatedFirstTimestamp").Time() ?? value.At("eventTime").Time();
        var count = value.NumberAt("series", "count") ?? value.NumberAt("count") ?? 1;
        var age = HumanDuration.Since(last, now);
        return count > 1 ? $"{age} (x{count} over {HumanDuration.Since(first, now)})" : age;
    }
}
