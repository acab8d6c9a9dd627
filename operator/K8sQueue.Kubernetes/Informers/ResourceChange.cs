using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Kubernetes.Informers;

/// <summary>What happened to an object in a store.</summary>
/// <param name="Old">Null where it was added.</param>
/// <param name="New">Null where it was deleted.</param>
/// <param name="IsMissed">
/// A list showed that it was changed or deleted, and nobody saw how: between <c>Old</c> and <c>New</c> there may have been other states, and where
/// it is gone, <c>Old</c> may be older than its last one.
/// </param>
public readonly record struct ResourceChange<T>(T? Old, T? New, bool IsMissed = false)
    where T : class, IKubernetesObject
{
    /// <summary>The newest there is of it.</summary>
    public T Latest => New ?? Old!;
}
