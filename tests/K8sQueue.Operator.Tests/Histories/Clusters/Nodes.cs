using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Tests.Histories.Clusters;

/// <summary>The machines, the node controller and pod GC.</summary>
internal sealed class Nodes(Cluster cluster)
{
    private readonly List<string> _joined = ["node-0", "node-1", "node-2"];
    private readonly HashSet<string> _cutOff = [];
    private int _next = 3;

    /// <summary>A node that the API knows of, cut off or not; null where there is none.</summary>
    public string? Any() => cluster.Any(_joined);

    public bool IsCutOff(string node) => _cutOff.Contains(node) || !_joined.Contains(node);

    public void CutOff()
    {
        if (cluster.Any(_joined) is { } node && _cutOff.Add(node))
            cluster.Trace($"nodes: {node} is cut off");
    }

    /// <summary>It comes back with all that it ran.</summary>
    public void Heal(bool all = false)
    {
        foreach (var node in _joined.Where(node => _cutOff.Contains(node) && (all || cluster.Chance(2))).ToList())
        {
            _cutOff.Remove(node);
            cluster.Trace($"nodes: {node} is back");
        }
    }

    /// <summary>The node controller: pods of a node that is cut off are not ready, and evicted in the end.</summary>
    public void Taint()
    {
        foreach (var pod in PodsOf(_joined.Where(_cutOff.Contains)))
        {
            if (pod.Status?.Conditions.IsTrue("Ready") == true)
                cluster.Api.Edit<V1Pod>(pod.Metadata.Name!, item => item.Status = PodStatuses.WithCondition(item.Status, PodStatuses.Ready(false, cluster.Api.Now)));
            else if (!pod.IsDeleting() && cluster.Chance(2))
                cluster.Api.Delete<V1Pod>(pod.Metadata.Name!);
        }
    }

    /// <summary>Somebody deletes the Node of a machine that is cut off; its pods' objects go with it, its containers don't.</summary>
    public void Remove()
    {
        if (cluster.Any(_joined.Where(_cutOff.Contains)) is not { } node)
            return;
        cluster.Trace($"nodes: {node} is removed");
        _joined.Remove(node);
        _joined.Add(FormattableString.Invariant($"node-{_next++}"));
    }

    /// <summary>Pod GC: force-deletes pods of nodes that are not there, after marking them failed; and ended pods that nobody deletes.</summary>
    public void CollectPods(bool ended)
    {
        foreach (var pod in cluster.Api.Of<V1Pod>().All.Where(pod => pod.Spec.NodeName is { Length: > 0 } node && !_joined.Contains(node)).ToList())
        {
            if (pod.Status?.Phase is not ("Succeeded" or "Failed"))
            {
                cluster.Api.Edit<V1Pod>(pod.Metadata.Name!, item =>
                {
                    item.Status = PodStatuses.WithCondition(
                        item.Status, new V1Condition { Type = "DisruptionTarget", Status = V1Condition.True, Reason = "DeletionByPodGC" });
                    item.Status.Phase = "Failed";
                });
            }

            cluster.Api.Delete<V1Pod>(pod.Metadata.Name!, new() { GracePeriodSeconds = 0 });
        }

        if (!ended)
            return;
        foreach (var pod in cluster.Api.Of<V1Pod>().All.Where(pod => pod.Status?.Phase is "Succeeded" or "Failed").ToList())
            cluster.Api.Delete<V1Pod>(pod.Metadata.Name!, new() { GracePeriodSeconds = 0 });
    }

    /// <summary>A machine that nobody knows any more loses power.</summary>
    public void LosePower(bool all = false)
    {
        foreach (var worker in cluster.Workers.Where(worker => worker.Node is { } node && !_joined.Contains(node) && (all || cluster.Chance(4))).ToList())
        {
            worker.State = ContainerState.Ended;
            cluster.Forget(worker);
        }
    }

    private List<V1Pod> PodsOf(IEnumerable<string> names)
    {
        var set = names.ToHashSet();
        return [.. cluster.Api.Of<V1Pod>().All.Where(pod => pod.Spec.NodeName is { } node && set.Contains(node))];
    }
}
