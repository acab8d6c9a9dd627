using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Drains;

/// <summary>
/// A Deployment, its ReplicaSet and its pods, read live in this order: the base of everything that can't be taken back. See README.md.
/// </summary>
internal sealed record LiveReplicas(V1Deployment Deployment, V1ReplicaSet? ReplicaSet, IReadOnlyList<V1Pod> Pods)
{
    public int Replicas => Deployment.Spec.Replicas ?? 0;

    /// <summary>The ReplicaSet has no more pods than it is to have, so it is about to remove none.</summary>
    public bool NothingIsLeftToRemove => ReplicaSet is { } set && set.Spec.Replicas == Replicas && Pods.Count <= Replicas;

    /// <summary>
    /// The ReplicaSet has seen every deletion there was: it had no more pods than it is to have when it last said so, and for each that was deleted
    /// since there is a new one. Where it can't make new ones, it says so, and counts as many as there are.
    /// </summary>
    public bool IsSettled =>
        NothingIsLeftToRemove && ReplicaSet!.Status is { } status && status.ObservedGeneration >= ReplicaSet.Metadata.Generation
        && (status.Replicas ?? 0) == Pods.Count && (Pods.Count == Replicas || status.Conditions.IsTrue("ReplicaFailure"));

    /// <summary>The replicas to ask for so that nothing goes but what may; what they are where nothing can.</summary>
    public int Lowered(int wanted, Func<V1Pod, bool> mayGo) =>
        IsSettled ? Math.Min(Replicas, Math.Max(wanted, Pods.Count - ReplicaSetRanking.SafeCount(Pods, mayGo))) : Replicas;

    /// <summary>Null where the Deployment is gone, is another, or is on its way out.</summary>
    public static async Task<LiveReplicas?> ReadAsync(IKubernetesClient client, V1Deployment seen, CancellationToken cancellationToken)
    {
        var (name, @namespace) = (seen.Metadata.Name!, seen.Metadata.Namespace!);
        var deployment = await client.GetAsync<V1Deployment>(name, @namespace, cancellationToken).ConfigureAwait(false);
        if (deployment is null || deployment.Metadata.Uid != seen.Metadata.Uid || deployment.IsDeleting())
            return null;
        var selector = $"{Labels.Pool}={seen.Label(Labels.Pool)},{Labels.Revision}={seen.Label(Labels.Revision)}";
        var options = new ListOptions { LabelSelector = selector };
        var sets = await client.ListAsync<V1ReplicaSet>(@namespace, options, cancellationToken).ConfigureAwait(false);
        var own = sets.Items.Where(set => set.IsControlledBy(deployment) && !set.IsDeleting()).ToList();
        var pods = await client.ListAsync<V1Pod>(@namespace, options, cancellationToken).ConfigureAwait(false);
        return new LiveReplicas(
            deployment, own.Count == 1 ? own[0] : null,
            [.. pods.Items.Where(pod => pod.IsActive() && own.Exists(pod.IsControlledBy))]);
    }
}
