using System.Text.Json.Nodes;

namespace K8sQueue.Operator.Resources.Pods;

/// <summary>
/// Makes pods fit the "restricted" Pod Security Standard where the template is silent. What the template says stays, so that an
/// exception is visible in the WorkerPool.
/// </summary>
internal static class PodSecurity
{
    private static readonly string[] ContainerFields = ["initContainers", "containers"];

    public static void AddTo(JsonObject podSpec)
    {
        podSpec.Default("automountServiceAccountToken", false);
        if (podSpec["os"].At("name").Text() == "windows")
            return;
        var pod = podSpec.Object("securityContext");
        pod.Default("runAsNonRoot", true);
        pod.Default("seccompProfile", new JsonObject { ["type"] = "RuntimeDefault" });
        foreach (var container in Containers(podSpec))
            AddToContainer(container.Object("securityContext"));
    }

    private static void AddToContainer(JsonObject security)
    {
        if (security["privileged"].IsTrue())
            return;
        security.Default("capabilities", new JsonObject { ["drop"] = new JsonArray("ALL") });
        // The API server refuses this beside CAP_SYS_ADMIN.
        if (!AddsCapability(security, "SYS_ADMIN"))
            security.Default("allowPrivilegeEscalation", false);
    }

    private static bool AddsCapability(JsonObject security, string name) =>
        security["capabilities"].At("add") is JsonArray added
        && added.Any(item => item.Text() is var text && (text == name || text == "CAP_" + name));

    private static IEnumerable<JsonObject> Containers(JsonObject podSpec) =>
        ContainerFields.SelectMany(field => podSpec[field] is JsonArray list ? list.OfType<JsonObject>() : []);
}
