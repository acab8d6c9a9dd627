using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Push.Certificates;

/// <summary>
/// Whose a namespace's Secret is: a few of its pools that push, however many there are. It goes as garbage with the last of those; with
/// several, the rest has time to take the place of one that went.
/// </summary>
internal static class SecretOwners
{
    public const int Most = 3;

    /// <summary>The owners that it should have: those that it has and that still push, filled up by name.</summary>
    public static List<V1OwnerReference> Of(IReadOnlyList<V1OwnerReference> present, IEnumerable<V1Alpha1WorkerPool> pushed)
    {
        var pools = pushed.ToDictionary(pool => pool.Metadata.Uid!, StringComparer.Ordinal);
        var owners = present.Where(owner => pools.ContainsKey(owner.Uid)).Take(Most).ToList();
        var others = pools.Values.Where(pool => !owners.Exists(owner => owner.Uid == pool.Metadata.Uid));
        owners.AddRange(others.OrderBy(pool => pool.Metadata.Name, StringComparer.Ordinal).Take(Most - owners.Count).Select(OwnerOf));
        return owners;
    }

    /// <summary>None of several is the controller.</summary>
    private static V1OwnerReference OwnerOf(V1Alpha1WorkerPool pool)
    {
        var owner = pool.ToControllerReference();
        return new V1OwnerReference { ApiVersion = owner.ApiVersion, Kind = owner.Kind, Name = owner.Name, Uid = owner.Uid };
    }
}
