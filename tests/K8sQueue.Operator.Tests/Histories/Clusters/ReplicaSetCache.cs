using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Tests.Histories.Apis;

namespace K8sQueue.Operator.Tests.Histories.Clusters;

/// <summary>
/// The pods as the ReplicaSet controller knows them: deletions late. What it did itself it waits to hear of (kubernetes,
/// pkg/controller/controller_utils.go, ControllerExpectations).
/// </summary>
internal sealed class ReplicaSetCache(Cluster cluster)
{
    private readonly SortedDictionary<string, V1Pod> _pods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _expected = new(StringComparer.Ordinal);
    private readonly Queue<ApiChange<V1Pod>> _deletions = new();
    private int _heard;

    public IEnumerable<V1Pod> Pods => _pods.Values;

    /// <summary>Hears of all but deletions, and of so many of these.</summary>
    public void Hear(int deletions)
    {
        var all = cluster.Api.Of<V1Pod>().Changes;
        for (; _heard < all.Count; _heard++)
        {
            if (IsDeletion(all[_heard]))
                _deletions.Enqueue(all[_heard]);
            else
                Hear(all[_heard]);
        }

        for (; deletions > 0 && _deletions.Count > 0; deletions--)
            Hear(_deletions.Dequeue());
    }

    /// <summary>It made or deleted this pod for that ReplicaSet.</summary>
    public void Expect(V1Pod pod, string set) => _expected[pod.Metadata.Uid!] = set;

    /// <summary>It has heard of all that it did.</summary>
    public bool IsSatisfied(string set) => !_expected.ContainsValue(set);

    private static bool IsDeletion(ApiChange<V1Pod> change) => change.After?.IsDeleting() != false;

    private void Hear(ApiChange<V1Pod> change)
    {
        var pod = (change.After ?? change.Before)!;
        if (change.Before is null || IsDeletion(change))
            _expected.Remove(pod.Metadata.Uid!);
        if (change.After is not null)
            _pods[pod.Metadata.Name!] = pod;
        else if (_pods.GetValueOrDefault(pod.Metadata.Name!)?.Metadata.Uid == pod.Metadata.Uid)
            _pods.Remove(pod.Metadata.Name!);
    }
}
