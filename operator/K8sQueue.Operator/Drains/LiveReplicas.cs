using System.Globalization;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Drains;

/// <summary>
/// A Deployment, its ReplicaSet and its pods, read live in this order: the base of everything that can't be taken back. See README.md.
/// </summary>
internal sealed record LiveReplicas(V1Deployment Deployment, V1ReplicaSet? ReplicaSet, IReadOnlyList<V1Pod> Pods)
{
    private const string RevisionAnnotation = "deployment.kubernetes.io/revision";

    public int Replicas => Deployment.Spec.Replicas ?? 0;

    /// <summary>Somebody changed its template (<c>kubectl rollout restart</c>), and it has pods of both: which of them go is not foreseeable.</summary>
    public bool HasPodsOfTwoTemplates { get; init; }

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
        return Of(deployment, own, [.. pods.Items.Where(pod => pod.IsActive() && own.Exists(pod.IsControlledBy))]);
    }

    /// <summary>Of its ReplicaSets the one that has pods, or is to have some; the latest where none has.</summary>
    /// <param name="deployment">The Deployment.</param>
    /// <param name="own">Its ReplicaSets.</param>
    /// <param name="pods">Their pods that are active.</param>
    internal static LiveReplicas Of(V1Deployment deployment, IReadOnlyList<V1ReplicaSet> own, IReadOnlyList<V1Pod> pods)
    {
        var used = own.Where(set => set.Spec.Replicas > 0 || pods.Any(pod => pod.IsControlledBy(set))).ToList();
        var current = used.Count switch
        {
            0 => own.MaxBy(RevisionOf),
            1 => used[0],
            _ => null,
        };
        return new LiveReplicas(deployment, current, pods) { HasPodsOfTwoTemplates = used.Count > 1 };
    }

    private static long RevisionOf(V1ReplicaSet set) =>
        long.TryParse(set.Annotation(RevisionAnnotation), CultureInfo.InvariantCulture, out var revision) ? revision : 0;
}
