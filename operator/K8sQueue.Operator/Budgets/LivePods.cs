using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Budgets;

/// <summary>Reads pods live, never from a cache.</summary>
internal static class LivePods
{
    /// <summary>All pools' pods of a namespace.</summary>
    public static async Task<IReadOnlyList<V1Pod>> OfPoolsAsync(IKubernetesClient client, string @namespace, CancellationToken cancellationToken)
    {
        var list = await client.ListAsync<V1Pod>(@namespace, new ListOptions { LabelSelector = Labels.Pool }, cancellationToken).ConfigureAwait(false);
        return list.Items;
    }

    /// <summary>
    /// The same, and those that the budget records and that lost the pool's label since: taking it off is how a pod is isolated, and it runs on
    /// with its connections. Only what is not there by its name, with its UID, is gone.
    /// </summary>
    public static async Task<IReadOnlyList<V1Pod>> OfAsync(
        V1Alpha1ConnectionBudget budget, IKubernetesClient client, EndedPods ended, CancellationToken cancellationToken)
    {
        var pods = new List<V1Pod>(await OfPoolsAsync(client, budget.Metadata.Namespace!, cancellationToken).ConfigureAwait(false));
        var known = pods.Select(pod => pod.Metadata.Uid!).ToHashSet(StringComparer.Ordinal);
        foreach (var holder in ConnectionLedger.RecordedIn(budget).Where(holder => !known.Contains(holder.Uid) && !ended.Contains(holder.Uid)))
        {
            var pod = await client.GetAsync<V1Pod>(holder.Pod, budget.Metadata.Namespace, cancellationToken).ConfigureAwait(false);
            if (pod?.Metadata.Uid == holder.Uid)
                pods.Add(pod);
        }

        return pods;
    }

    /// <summary>It is in no pool any more: nobody hears of its changes.</summary>
    public static bool IsIsolated(this V1Pod pod) => pod.Label(Labels.Pool) is null;
}
