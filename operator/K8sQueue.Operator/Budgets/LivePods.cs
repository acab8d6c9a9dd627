using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Budgets;

/// <summary>Reads pods live, never from a cache.</summary>
internal static class LivePods
{
    /// <summary>Where the API server forgets many pods at once, the budget's writer is not to wait for one after the other, nor to flood it.</summary>
    private const int AtOnce = 8;

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
        var listed = await OfPoolsAsync(client, budget.Metadata.Namespace!, cancellationToken).ConfigureAwait(false);
        return await WithUnlistedAsync(budget, listed, client, ended, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A list of the pools' pods, and those that the budget records and that are not in it.</summary>
    public static async Task<IReadOnlyList<V1Pod>> WithUnlistedAsync(
        V1Alpha1ConnectionBudget budget, IReadOnlyList<V1Pod> listed, IKubernetesClient client, EndedPods ended, CancellationToken cancellationToken)
    {
        var known = listed.Select(pod => pod.Metadata.Uid!).ToHashSet(StringComparer.Ordinal);
        var unlisted = ConnectionLedger.RecordedIn(budget)
            .Where(holder => !known.Contains(holder.Uid) && !ended.Contains(budget, holder.Uid)).ToList();
        var found = new V1Pod?[unlisted.Count];
        using var slots = new SemaphoreSlim(AtOnce);
        await Task.WhenAll(unlisted.Select((holder, index) => FindAsync(holder, index))).ConfigureAwait(false);
        return [.. listed, .. found.OfType<V1Pod>()];

        async Task FindAsync(ConnectionHolder holder, int index)
        {
            await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                var pod = await client.GetAsync<V1Pod>(holder.Pod, budget.Metadata.Namespace, cancellationToken).ConfigureAwait(false);
                found[index] = pod?.Metadata.Uid == holder.Uid ? pod : null;
            }
            finally
            {
                slots.Release();
            }
        }
    }

    /// <summary>It is in no pool any more: nobody hears of its changes.</summary>
    public static bool IsIsolated(this V1Pod pod) => pod.Label(Labels.Pool) is null;
}
