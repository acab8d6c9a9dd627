using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Schema;

namespace K8sQueue.LocalCluster.BuiltIns;

/// <summary>Pods: almost nothing of a spec may change, and scheduling gates only go.</summary>
internal sealed class PodStrategy : DefaultStrategy
{
    private const string Immutable =
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`," +
        "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` " +
        "(allow it to be set to 1 if it was previously negative)";

    public override void PrepareForCreate(JsonObject value)
    {
        var status = new JsonObject { ["phase"] = "Pending", ["qosClass"] = PodRules.QualityOfService(value.MapAt("spec")) };
        if (value.ListAt("spec", "schedulingGates") is { Count: > 0 })
        {
            status["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "PodScheduled",
                ["status"] = "False",
                ["reason"] = "SchedulingGated",
                ["message"] = "Scheduling is blocked due to non-empty scheduling gates",
            });
        }

        value["status"] = status;
        if (value.MapAt("spec") is { } spec && spec.TextAt("serviceAccountName") is null)
            spec["serviceAccountName"] = "default";
    }

    public override void Default(JsonObject value) => PodRules.Default(value.MapAt("spec"));

    public override void Validate(JsonObject value, JsonObject? old, ICollection<FieldError> errors)
    {
        if (value.MapAt("spec") is null)
            errors.Add(FieldError.Required("spec"));
        PodRules.Validate(value.MapAt("spec"), "spec", errors);
        if (old is null)
        {
            if (IsGated(value) && !string.IsNullOrEmpty(value.TextAt("spec", "nodeName")))
                errors.Add(FieldError.Forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared"));
            return;
        }

        var gates = Gates(old);
        errors.AddAll(Gates(value).Where(g => !gates.Contains(g)).Select(g => FieldError.Forbidden(
            "spec.schedulingGates", $"only deletion is allowed, but found new scheduling gate '{g}'")));
        if (IsGated(value) && Node(old).Length == 0 && Node(value).Length > 0)
            errors.Add(FieldError.Forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared"));
        if (!JsonNode.DeepEquals(FixedPart(value, old), FixedPart(old, old)))
            errors.Add(FieldError.Forbidden("spec", Immutable));
    }

    public override void ValidateUntrusted(JsonObject value, JsonObject? old, ICollection<FieldError> errors)
    {
        if (old is not null && Node(old) != Node(value))
            errors.Add(FieldError.Forbidden("spec", Immutable));
    }

    /// <summary>The spec without what may change.</summary>
    private static JsonObject FixedPart(JsonObject pod, JsonObject old)
    {
        var spec = pod.MapAt("spec")!.Copy();
        foreach (var member in (string[])["schedulingGates", "activeDeadlineSeconds", "tolerations"])
            spec.Remove(member);
        if (Node(old).Length == 0)
            spec.Remove("nodeName");
        if (IsGated(old))
        {
            spec.Remove("nodeSelector");
            spec.MapAt("affinity")?.Remove("nodeAffinity");
        }

        foreach (var container in PodRules.Containers(spec))
            container.Remove("image");
        return spec;
    }

    private static string Node(JsonObject pod) => pod.TextAt("spec", "nodeName") ?? "";

    private static bool IsGated(JsonObject pod) => pod.ListAt("spec", "schedulingGates") is { Count: > 0 };

    private static HashSet<string> Gates(JsonObject pod) =>
        [.. pod.ListAt("spec", "schedulingGates")?.Select(g => g.TextAt("name")).OfType<string>() ?? []];
}
