using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.Chart.Tests.Support;

/// <summary>The restricted Pod Security Standard of Kubernetes 1.30, for Linux: what a pod does against it.</summary>
internal static class RestrictedPods
{
    private static readonly HashSet<string> Volumes =
        ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];

    public static IEnumerable<string> Violations(JsonObject spec)
    {
        foreach (var flag in (string[])["hostNetwork", "hostPID", "hostIPC"])
        {
            if (IsTrue(spec[flag]))
                yield return flag;
        }

        foreach (var volume in spec.ObjectsAt("volumes"))
        {
            foreach (var source in volume.Select(field => field.Key).Where(key => key != "name" && !Volumes.Contains(key)))
                yield return $"volume {source}";
        }

        if (spec.MapAt("securityContext") is { } pod && (pod.ContainsKey("sysctls") || pod.ContainsKey("seLinuxOptions") || pod.ContainsKey("appArmorProfile")))
            yield return "sysctls, SELinux or AppArmor options";
        foreach (var container in Rendered.Containers(spec))
        {
            foreach (var violation in Violations(container, spec.MapAt("securityContext") ?? []))
                yield return $"{container.TextAt("name")}: {violation}";
        }
    }

    private static IEnumerable<string> Violations(JsonObject container, JsonObject pod)
    {
        var own = container.MapAt("securityContext") ?? [];
        if (IsTrue(own["privileged"]))
            yield return "privileged";
        if (!IsFalse(own["allowPrivilegeEscalation"]))
            yield return "allowPrivilegeEscalation is not false";
        if (!IsTrue(own["runAsNonRoot"] ?? pod["runAsNonRoot"]))
            yield return "runAsNonRoot is not true";
        if ((own["runAsUser"] ?? pod["runAsUser"])?.ToJsonString() == "0")
            yield return "runAsUser is 0";
        if ((own.TextAt("seccompProfile", "type") ?? pod.TextAt("seccompProfile", "type")) is not ("RuntimeDefault" or "Localhost"))
            yield return "no seccomp profile";
        if (own.ListAt("capabilities", "drop")?.Any(name => (string?)name == "ALL") != true)
            yield return "capabilities are not dropped";
        if (own.ListAt("capabilities", "add")?.Any(name => (string?)name != "NET_BIND_SERVICE") == true)
            yield return "capabilities are added";
        if (own.ContainsKey("procMount"))
            yield return "procMount";
        if (container.ObjectsAt("ports").Any(port => port.ContainsKey("hostPort")))
            yield return "hostPort";
    }

    private static bool IsTrue(JsonNode? value) => value is not null && value.ToJsonString() == "true";

    private static bool IsFalse(JsonNode? value) => value is not null && value.ToJsonString() == "false";
}
