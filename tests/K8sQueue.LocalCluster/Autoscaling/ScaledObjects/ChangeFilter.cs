using System.Collections.Concurrent;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Autoscaling.ScaledObjects;

/// <summary>Lets changes of the spec, the labels, the annotations and the deletion through; a status that changes at every poll does not wake the reconciler.</summary>
internal sealed class ChangeFilter
{
    private readonly ConcurrentDictionary<string, string> _seen = new(StringComparer.Ordinal);

    public bool IsNew(ClusterEvent change)
    {
        var value = change.Object;
        if (change.Type == "DELETED")
        {
            _seen.TryRemove(value.Uid(), out _);
            return true;
        }

        var now = $"{value.Generation()} {value.IsDeleting()} {value.At("spec")?.ToJsonString()} {value.At("metadata", "annotations")?.ToJsonString()} {value.Labels()?.ToJsonString()}";
        var isNew = !_seen.TryGetValue(value.Uid(), out var before) || before != now;
        _seen[value.Uid()] = now;
        return isNew;
    }
}
