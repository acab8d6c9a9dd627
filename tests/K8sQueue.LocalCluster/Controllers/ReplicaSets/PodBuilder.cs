using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Controllers.ReplicaSets;

internal static class PodBuilder
{
    /// <summary>A pod of the template, named by the API server from the owner's name.</summary>
    public static JsonObject FromTemplate(JsonObject owner)
    {
        var template = owner.MapAt("spec", "template") ?? [];
        var metadata = new JsonObject
        {
            ["generateName"] = $"{owner.Name()}-",
            ["namespace"] = owner.Namespace(),
            ["ownerReferences"] = new JsonArray(ControllerReference(owner)),
        };
        foreach (var copied in (ReadOnlySpan<string>)["labels", "annotations", "finalizers"])
        {
            if (template.At("metadata", copied) is { } value)
                metadata[copied] = value.DeepClone();
        }

        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = metadata,
            ["spec"] = template["spec"]?.DeepClone(),
        };
    }

    public static JsonObject ControllerReference(JsonObject owner) => new()
    {
        ["apiVersion"] = owner.TextAt("apiVersion"),
        ["kind"] = owner.TextAt("kind"),
        ["name"] = owner.Name(),
        ["uid"] = owner.Uid(),
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    };
}
