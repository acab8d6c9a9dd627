namespace K8sQueue.Operator.Tests.Resources;

/// <summary>Templates that the CRD takes and no API server makes a Deployment of: any JSON at each place that the operator looks at.</summary>
internal static class OddTemplates
{
    private const string Hole = "HOLE";

    /// <summary>A value of every kind, at the ends of what each can be.</summary>
    public static IReadOnlyList<string> Values { get; } =
    [
        "null", "true", "false", "0", "-1", "8080", "1.5", "1e300", "99999999999999999999", "\"\"", "\"8080\"", "\"windows\"", "[]", "[null]", "[1]", "[\"x\"]",
        "[[]]", "{}", "{\"name\": 1}", "{\"name\": \"management\"}", "{\"name\": {\"name\": null}}",
    ];

    /// <summary>Where such a value goes: in the worker, or in the pod's spec.</summary>
    public static IReadOnlyList<string> Places { get; } =
    [
        Worker("\"ports\": HOLE"), Worker("\"ports\": [HOLE]"), Worker("\"ports\": [{\"name\": HOLE, \"containerPort\": 8080}]"),
        Worker("\"ports\": [{\"name\": \"management\", \"containerPort\": HOLE}]"), Worker("\"ports\": [{\"name\": \"http\", \"containerPort\": HOLE}]"),
        Worker("\"env\": HOLE"), Worker("\"env\": [HOLE]"), Worker("\"env\": [{\"name\": HOLE, \"value\": \"x\"}]"),
        Worker("\"env\": [{\"name\": \"K8SQUEUE_MANAGEMENT_PORT\", \"value\": HOLE}]"), Worker("\"env\": [{\"name\": \"K8SQUEUE_DURABILITY\", \"value\": HOLE}]"),
        Worker("\"volumeMounts\": HOLE"), Worker("\"volumeMounts\": [HOLE]"), Worker("\"readinessProbe\": HOLE"), Worker("\"livenessProbe\": HOLE"),
        Worker("\"securityContext\": HOLE"), Worker("\"securityContext\": {\"privileged\": HOLE}"), Worker("\"securityContext\": {\"capabilities\": HOLE}"),
        Worker("\"securityContext\": {\"capabilities\": {\"add\": HOLE}}"), Worker("\"securityContext\": {\"capabilities\": {\"add\": [HOLE]}}"),
        Pod("\"os\": HOLE"), Pod("\"os\": {\"name\": HOLE}"), Pod("\"securityContext\": HOLE"), Pod("\"volumes\": HOLE"), Pod("\"volumes\": [HOLE]"),
        Pod("\"schedulingGates\": HOLE"), Pod("\"schedulingGates\": [HOLE]"), Pod("\"schedulingGates\": [{\"name\": HOLE}]"),
        Pod("\"initContainers\": HOLE"), Pod("\"initContainers\": [HOLE]"), Pod("\"initContainers\": [{\"name\": \"a\", \"securityContext\": HOLE}]"),
        Pod("\"automountServiceAccountToken\": HOLE"),
    ];

    public static string Fill(string place, string value) => place.Replace(Hole, value, StringComparison.Ordinal);

    private static string Worker(string field) => $$$"""{"spec": {"containers": [{"name": "worker", "image": "worker", {{{field}}}}]}}""";

    private static string Pod(string field) => $$$"""{"spec": {"containers": [{"name": "worker", "image": "worker"}], {{{field}}}}}""";
}
