using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Tests.Histories.Apis;

namespace K8sQueue.Operator.Tests.Histories.Clusters;

/// <summary>
/// The pods as the ReplicaSet controller knows them: late, as every cache is. What it did itself it waits to hear of (kubernetes,
/// pkg/controller/controller_utils.go, ControllerExpectations).
/// </summary>
internal sealed class ReplicaSetCache(Cluster cluster)
{
    private readonly SortedDictionary<string, V1Pod> _pods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _expected = new(StringComparer.Ordinal);
    private int _heard;

    public IEnumerable<V1Pod> Pods => _pods.Values;

    public void Hear(int changes)
    {
        var all = cluster.Api.Of<V1Pod>().Changes;
        for (; changes > 0 && _heard < all.Count; changes--)
            Hear(all[_heard++]);
    }

    /// <summary>It made or deleted this pod for that ReplicaSet.</summary>
    public void Expect(V1Pod pod, string set) => _expected[pod.Metadata.Uid!] = set;

    /// <summary>It has heard of all that it did.</summary>
    public bool IsSatisfied(string set) => !_expected.ContainsValue(set);

    private void Hear(ApiChange<V1Pod> change)
    {
        var pod = (change.After ?? change.Before)!;
        // A deleted one is made known first as deleted, then as gone; one that is made has no state before.
        if (change.Before is null || change.After is null || pod.IsDeleting())
            _expected.Remove(pod.Metadata.Uid!);
        if (change.After is null)
            _pods.Remove(pod.Metadata.Name!);
        else
            _pods[pod.Metadata.Name!] = pod;
    }
}
