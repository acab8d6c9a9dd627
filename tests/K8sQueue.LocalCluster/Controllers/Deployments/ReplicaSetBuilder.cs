using System.Globalization;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.ReplicaSets;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Controllers.Deployments;

/// <summary>The ReplicaSet of one template of a Deployment, and what identifies it.</summary>
internal static class ReplicaSetBuilder
{
    public const string HashLabel = "pod-template-hash";
    public const string Revision = "deployment.kubernetes.io/revision";
    public const string DesiredReplicas = "deployment.kubernetes.io/desired-replicas";
    public const string MaxReplicas = "deployment.kubernetes.io/max-replicas";
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    public static JsonObject Build(JsonObject deployment, DeploymentSpec spec, string hash, int replicas, long revision)
    {
        var template = deployment.MapAt("spec", "template")?.DeepClone().AsObject() ?? [];
        template.Need("metadata", "labels")[HashLabel] = hash;
        var selector = deployment.MapAt("spec", "selector")?.DeepClone().AsObject() ?? [];
        selector.Need("matchLabels")[HashLabel] = hash;
        var annotations = CopiedAnnotations(deployment);
        annotations[Revision] = Text(revision);
        annotations[DesiredReplicas] = Text(spec.Replicas);
        annotations[MaxReplicas] = Text(spec.Replicas + spec.Surge);
        var built = new JsonObject
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = "ReplicaSet",
            ["metadata"] = new JsonObject
            {
                ["name"] = $"{deployment.Name()}-{hash}",
                ["namespace"] = deployment.Namespace(),
                ["labels"] = template.At("metadata", "labels")!.DeepClone(),
                ["annotations"] = annotations,
                ["ownerReferences"] = new JsonArray(PodBuilder.ControllerReference(deployment)),
            },
            ["spec"] = new JsonObject { ["replicas"] = replicas, ["selector"] = selector, ["template"] = template },
        };
        if (spec.MinReadySeconds > 0)
            built["spec"]!["minReadySeconds"] = spec.MinReadySeconds;
        return built;
    }

    /// <summary>The same pod template, whatever the hash label says.</summary>
    public static bool HasTemplateOf(JsonObject replicaSet, JsonObject deployment)
    {
        var template = replicaSet.MapAt("spec", "template")?.DeepClone().AsObject() ?? [];
        template.MapAt("metadata", "labels")?.Remove(HashLabel);
        var wanted = deployment.MapAt("spec", "template")?.DeepClone().AsObject() ?? [];
        wanted.MapAt("metadata", "labels")?.Remove(HashLabel);
        return JsonNode.DeepEquals(template, wanted);
    }

    public static JsonObject CopiedAnnotations(JsonObject deployment)
    {
        var copied = new JsonObject();
        foreach (var (name, value) in deployment.MapAt("metadata", "annotations") ?? [])
        {
            if (name is not (Revision or DesiredReplicas or MaxReplicas or LastApplied))
                copied[name] = value?.DeepClone();
        }

        return copied;
    }

    public static long RevisionOf(JsonObject value) =>
        long.TryParse(value.Annotation(Revision), CultureInfo.InvariantCulture, out var revision) ? revision : 0;

    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
