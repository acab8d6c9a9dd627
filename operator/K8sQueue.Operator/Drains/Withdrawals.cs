using System.Net;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;

namespace K8sQueue.Operator.Drains;

/// <summary>Makes withdrawals, and takes them back: <see cref="Withdrawal"/>.</summary>
internal sealed class Withdrawals(IKubernetesClient client)
{
    // Until the ReplicaSet has done what it is to do.
    private static readonly TimeSpan Unsettled = TimeSpan.FromSeconds(1);

    /// <summary>Which of those that wait the ReplicaSet takes is its own choice, so all are withdrawn.</summary>
    /// <returns>None of them can be granted any more.</returns>
    public async Task<bool> MakeAsync(DrainSite site, LiveReplicas live, CancellationToken cancellationToken)
    {
        var waiting = live.Pods.Where(pod => pod.IsGated() && !pod.IsWithdrawn()).ToList();
        var done = await ExactlyAsync(site, waiting, pod => Withdrawal.Make(pod, site.Now), cancellationToken).ConfigureAwait(false);
        return done.Count == waiting.Count;
    }

    /// <summary>What the ReplicaSet spared waits for its grant again, once no lowering that counted on it can be under way, and by what is live.</summary>
    public async Task TakeBackAsync(DrainSite site, Dictionary<string, V1Pod> pods, CancellationToken cancellationToken)
    {
        var spared = pods.Values.Select(pod => (Pod: pod, At: Withdrawal.ReturnsAt(pod))).Where(item => item.At is not null).ToList();
        if (spared.Count == 0)
            return;
        var due = spared.Where(item => item.At <= site.Now).Select(item => item.Pod).ToList();
        site.Pass.LookAgain(due.Count > 0 ? Unsettled : spared.Min(item => item.At) - site.Now);
        if (due.Count > 0 && await LiveReplicas.ReadAsync(client, site.Deployment, cancellationToken).ConfigureAwait(false) is { IsSettled: true })
            await ExactlyAsync(site, due, Withdrawal.TakeBack, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A pod that changed since it was read is looked at again soon.</summary>
    private Task<IReadOnlyList<V1Pod>> ExactlyAsync(
        DrainSite site, IReadOnlyList<V1Pod> pods, Func<V1Pod, KubernetesPatch> patch, CancellationToken cancellationToken) =>
        PodCalls.RunAsync(site.Pass, pods, "can't be annotated", async (pod, token) =>
        {
            try
            {
                await client.PatchAsync<V1Pod>(pod.Metadata.Name!, site.Pass.Namespace, patch(pod), null, token).ConfigureAwait(false);
            }
            catch (KubernetesApiException e) when (e.StatusCode == HttpStatusCode.UnprocessableEntity)
            {
                throw new KubernetesApiException(HttpStatusCode.Conflict, "Conflict", e.Message);
            }
        }, cancellationToken);
}
