using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Drains;

/// <summary>
/// Which pods a ReplicaSet gives up first, as far as that is certain: unassigned, pending, unready, then the lowest deletion cost
/// (ActivePodsWithRanks in Kubernetes' pkg/controller/controller_utils.go). What decides among equals there is left open here.
/// </summary>
internal static class ReplicaSetRanking
{
    /// <summary>How many pods the replicas can be lowered by, so that only those go that may.</summary>
    /// <param name="active">All active pods of the ReplicaSet.</param>
    /// <param name="mayGo">Those that may go.</param>
    public static int SafeCount(IEnumerable<V1Pod> active, Func<V1Pod, bool> mayGo)
    {
        var safe = 0;
        foreach (var equals in active.GroupBy(KeyOf).OrderBy(group => group.Key))
        {
            if (!equals.All(mayGo))
                break;
            safe += equals.Count();
        }

        return safe;
    }

    private static (int Assigned, int Phase, int Ready, int Cost) KeyOf(V1Pod pod) => (
        string.IsNullOrEmpty(pod.Spec.NodeName) ? 0 : 1,
        pod.Status?.Phase switch { "Pending" => 0, "Unknown" => 1, _ => 2 },
        pod.Status?.Conditions.IsTrue("Ready") == true ? 1 : 0,
        DrainAnnotations.CostOf(pod.Annotation(DrainAnnotations.DeletionCost)));
}
