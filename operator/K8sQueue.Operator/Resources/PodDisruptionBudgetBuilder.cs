using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Resources;

/// <summary>
/// Lets node drains take a quarter of the workers at a time, and every one that is not ready. A pod that waits for its grant is none of them, but
/// the Deployment asks for it, and what a Deployment asks for and is not ready counts as unavailable: so the figure has them on top.
/// </summary>
public static class PodDisruptionBudgetBuilder
{
    private const string Share = "25%";

    /// <param name="granted">Pods that run or may.</param>
    /// <param name="waiting">Pods that have had the gate for a while.</param>
    public static V1PodDisruptionBudget Build(V1Alpha1WorkerPool pool, int granted = 0, int waiting = 0)
    {
        ArgumentNullException.ThrowIfNull(pool);
        return new V1PodDisruptionBudget
        {
            ApiVersion = "policy/v1",
            Kind = "PodDisruptionBudget",
            Metadata = ChildMetadata.Of(pool, pool.Metadata.Name!),
            Spec = new V1PodDisruptionBudgetSpec
            {
                // Where nothing runs, nothing can be evicted: a pool that starts is not worth two writes.
                MaxUnavailable = waiting == 0 || granted == 0 ? Share : waiting + Math.Max(1, (granted + 3) / 4),
                UnhealthyPodEvictionPolicy = "AlwaysAllow",
                Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { [Labels.Pool] = pool.Metadata.Name! } },
            },
        };
    }
}
