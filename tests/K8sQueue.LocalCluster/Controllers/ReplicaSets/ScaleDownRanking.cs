using System.Globalization;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Controllers.ReplicaSets;

/// <summary>
/// The order in which a ReplicaSet gives pods up, first to go first. The rules, and their order, are those of the kube-controller-manager
/// (ActivePodsWithRanks in pkg/controller/controller_utils.go): unassigned, phase, readiness, deletion cost, crowded nodes, ready time, restarts, age.
/// </summary>
internal sealed class ScaleDownRanking : IComparer<JsonObject>
{
    private const string DeletionCost = "controller.kubernetes.io/pod-deletion-cost";

    private readonly DateTimeOffset _now;
    private readonly Dictionary<string, int> _podsOnNode;

    private ScaleDownRanking(IEnumerable<JsonObject> related, DateTimeOffset now)
    {
        _now = now;
        _podsOnNode = related.GroupBy(Node).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
    }

    /// <param name="pods">The active pods of the ReplicaSet.</param>
    /// <param name="related">The active pods of every ReplicaSet of the same owner, by which crowded nodes are found.</param>
    public static IReadOnlyList<JsonObject> Order(IEnumerable<JsonObject> pods, IEnumerable<JsonObject> related, DateTimeOffset now) =>
        [.. pods.Order(new ScaleDownRanking(related, now))];

    public int Compare(JsonObject? x, JsonObject? y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        return First(
            (Node(x).Length == 0 ? 0 : 1) - (Node(y).Length == 0 ? 0 : 1),
            PhaseRank(x) - PhaseRank(y),
            Convert.ToInt32(PodState.IsReady(x)) - Convert.ToInt32(PodState.IsReady(y)),
            Cost(x).CompareTo(Cost(y)),
            OnNode(y) - OnNode(x),
            PodState.IsReady(x) && PodState.IsReady(y) ? Youngest(x, y, PodState.ReadySince) : 0,
            Restarts(y, "containerStatuses") - Restarts(x, "containerStatuses"),
            Restarts(y, "initContainerStatuses") - Restarts(x, "initContainerStatuses"),
            Youngest(x, y, p => p.TimeAt("metadata", "creationTimestamp")));
    }

    private static int First(params ReadOnlySpan<int> differences)
    {
        foreach (var difference in differences)
        {
            if (difference != 0)
                return difference;
        }

        return 0;
    }

    private static string Node(JsonObject pod) => pod.TextAt("spec", "nodeName") ?? "";

    private int OnNode(JsonObject pod) => _podsOnNode.GetValueOrDefault(Node(pod));

    private static int PhaseRank(JsonObject pod) => PodState.Phase(pod) switch
    {
        "Pending" => 0,
        "Unknown" => 1,
        _ => 2,
    };

    private static int Cost(JsonObject pod) =>
        int.TryParse(pod.Annotation(DeletionCost), CultureInfo.InvariantCulture, out var cost) ? cost : 0;

    private static int Restarts(JsonObject pod, string list) =>
        pod.ObjectsAt("status", list).Select(s => s.IntegerAt("restartCount") ?? 0).DefaultIfEmpty().Max();

    /// <summary>
    /// Less time goes first, but times are compared by the power of two of their age, and within one such bucket the UID decides:
    /// pods of about the same age go in no particular order.
    /// </summary>
    private int Youngest(JsonObject x, JsonObject y, Func<JsonObject, DateTimeOffset?> since)
    {
        var (first, second) = (since(x), since(y));
        if (first == second)
            return 0;
        if (first is null || second is null)
            return first is null ? -1 : 1;
        var difference = Magnitude(_now - first.Value).CompareTo(Magnitude(_now - second.Value));
        return difference != 0 ? difference : string.CompareOrdinal(x.Uid(), y.Uid());
    }

    private static int Magnitude(TimeSpan age) => age > TimeSpan.Zero ? (int)Math.Log2(age.TotalNanoseconds) : -1;
}
