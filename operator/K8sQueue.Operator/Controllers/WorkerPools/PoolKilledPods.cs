using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>Tells of pods that were killed before their drain was over.</summary>
internal sealed class PoolKilledPods(KilledPods killed, EventPublisher events)
{
    public async Task TellAsync(PoolPass pass, CancellationToken cancellationToken)
    {
        foreach (var pod in killed.Take(new NamespacedName(pass.Namespace, pass.Name)))
        {
            await events(
                pass.Pool, Reasons.PodKilled,
                $"Pod {pod} was killed (SIGKILL) before it had drained, and what it ran, if anything, will run again. Raise drain.timeoutSeconds, or "
                + "look at what shortened its grace period (a forced deletion, an eviction) or keeps its handlers from stopping.",
                EventType.Warning, cancellationToken).ConfigureAwait(false);
        }
    }
}
