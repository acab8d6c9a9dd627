using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;

namespace K8sQueue.Operator.Drains;

/// <summary>
/// A pod that waits for its grant is withdrawn before the replicas are lowered on its account: another leader's grant that is under way was for the
/// pod as it was before, and fails. Else it would be a busy worker by the time that the ReplicaSet takes it.
/// </summary>
internal static class Withdrawal
{
    // Longer than a request is under way. What the ReplicaSet spared is granted again after that.
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(45);

    private const string Path = "/metadata/annotations/k8squeue.io~1withdrawn-at";

    public static bool IsWithdrawn(this V1Pod pod) => pod.Annotation(Labels.WithdrawnAt) is not null;

    /// <summary>When the pod may wait for its grant again; null where it does so all the time.</summary>
    public static DateTimeOffset? ReturnsAt(V1Pod pod) => pod.Annotation(Labels.WithdrawnAt) is not { } text || !pod.IsGated()
        ? null
        : AnnotationTime.Read(text) is { } at ? at + Kept : DateTimeOffset.MinValue;

    /// <summary>Only as it was seen: one that was granted since is none.</summary>
    public static KubernetesPatch Make(V1Pod seen, DateTimeOffset now) => Patch(seen, new JsonObject
    {
        ["op"] = "add",
        ["path"] = Path,
        ["value"] = AnnotationTime.Text(now),
    });

    public static KubernetesPatch TakeBack(V1Pod seen) => Patch(seen, new JsonObject { ["op"] = "remove", ["path"] = Path });

    private static KubernetesPatch Patch(V1Pod seen, JsonObject change) => new(
        new JsonArray(
            new JsonObject { ["op"] = "test", ["path"] = "/metadata/uid", ["value"] = seen.Metadata.Uid },
            new JsonObject { ["op"] = "test", ["path"] = "/metadata/resourceVersion", ["value"] = seen.Metadata.ResourceVersion },
            change),
        KubernetesPatch.JsonPatch);
}
