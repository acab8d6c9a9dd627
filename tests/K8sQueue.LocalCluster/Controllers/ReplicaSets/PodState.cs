using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Controllers.ReplicaSets;

/// <summary>What controllers ask of a pod.</summary>
internal static class PodState
{
    public static string Phase(JsonObject pod) => pod.TextAt("status", "phase") ?? "Pending";

    /// <summary>Not ended and not asked to end. Only these count as replicas: what terminates or failed is replaced at once.</summary>
    public static bool IsActive(JsonObject pod) => Phase(pod) is not ("Succeeded" or "Failed") && !pod.IsDeleting();

    public static bool IsReady(JsonObject pod) => StatusConditions.IsTrue(pod["status"], "Ready");

    public static DateTimeOffset? ReadySince(JsonObject pod) =>
        IsReady(pod) ? StatusConditions.Find(pod["status"], "Ready").TimeAt("lastTransitionTime") : null;

    /// <summary>Ready for at least <paramref name="minReadySeconds"/>.</summary>
    public static bool IsAvailable(JsonObject pod, int minReadySeconds, DateTimeOffset now) =>
        IsReady(pod) && (minReadySeconds == 0 || ReadySince(pod) is { } since && since.AddSeconds(minReadySeconds) <= now);
}
