using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Drains;

/// <summary>Sets a Deployment's replicas, of that very Deployment and from the size that was seen only.</summary>
internal static class ReplicaPatch
{
    public static KubernetesPatch Of(V1Deployment seen, int replicas) => new(
        new JsonArray(
            new JsonObject { ["op"] = "test", ["path"] = "/metadata/uid", ["value"] = seen.Metadata.Uid },
            new JsonObject { ["op"] = "test", ["path"] = "/spec/replicas", ["value"] = seen.Spec.Replicas },
            new JsonObject { ["op"] = "replace", ["path"] = "/spec/replicas", ["value"] = replicas }),
        KubernetesPatch.JsonPatch);
}
