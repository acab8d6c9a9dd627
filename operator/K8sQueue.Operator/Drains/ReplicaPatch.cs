using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Drains;

/// <summary>Sets a Deployment's replicas, of that very Deployment only.</summary>
internal static class ReplicaPatch
{
    /// <summary>From the size that was seen.</summary>
    public static KubernetesPatch Grow(V1Deployment seen, int replicas) => Of(seen, "/spec/replicas", seen.Spec.Replicas, replicas);

    /// <summary>Only while nothing of it has changed, not even what its controller says: pods that came since are not among those that may go.</summary>
    public static KubernetesPatch Lower(V1Deployment seen, int replicas) => Of(seen, "/metadata/resourceVersion", seen.Metadata.ResourceVersion, replicas);

    private static KubernetesPatch Of(V1Deployment seen, string path, JsonNode? value, int replicas) => new(
        new JsonArray(
            new JsonObject { ["op"] = "test", ["path"] = "/metadata/uid", ["value"] = seen.Metadata.Uid },
            new JsonObject { ["op"] = "test", ["path"] = path, ["value"] = value },
            new JsonObject { ["op"] = "replace", ["path"] = "/spec/replicas", ["value"] = replicas }),
        KubernetesPatch.JsonPatch);
}
