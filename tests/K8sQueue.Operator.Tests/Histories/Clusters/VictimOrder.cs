using System.Globalization;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Tests.Histories.Clusters;

/// <summary>Whom a ReplicaSet deletes first (kubernetes, pkg/controller/controller_utils.go, ActivePodsWithRanks).</summary>
internal static class VictimOrder
{
    private const string DeletionCost = "controller.kubernetes.io/pod-deletion-cost";

    public static IEnumerable<V1Pod> Of(IEnumerable<V1Pod> active) => active
        .OrderBy(pod => string.IsNullOrEmpty(pod.Spec.NodeName) ? 0 : 1)
        .ThenBy(pod => pod.Status?.Phase switch { "Pending" or null => 0, "Unknown" => 1, _ => 2 })
        .ThenBy(pod => pod.Status?.Conditions.IsTrue("Ready") == true ? 1 : 0)
        .ThenBy(pod => int.TryParse(pod.Annotation(DeletionCost), CultureInfo.InvariantCulture, out var cost) ? cost : 0)
        .ThenByDescending(pod => pod.Status?.Conditions.Find("Ready")?.LastTransitionTime)
        .ThenByDescending(pod => pod.Status?.ContainerStatuses?.Sum(status => status.RestartCount) ?? 0)
        .ThenByDescending(pod => pod.Metadata.CreationTimestamp);
}
