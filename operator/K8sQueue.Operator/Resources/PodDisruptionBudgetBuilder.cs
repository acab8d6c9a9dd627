using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Resources;

/// <summary>Lets node drains take a quarter of the workers at a time, and every one that is not ready.</summary>
public static class PodDisruptionBudgetBuilder
{
    public static V1PodDisruptionBudget Build(V1Alpha1WorkerPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        return new V1PodDisruptionBudget
        {
            ApiVersion = "policy/v1",
            Kind = "PodDisruptionBudget",
            Metadata = ChildMetadata.Of(pool, pool.Metadata.Name!),
            Spec = new V1PodDisruptionBudgetSpec
            {
                MaxUnavailable = "25%",
                UnhealthyPodEvictionPolicy = "AlwaysAllow",
                Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { [Labels.Pool] = pool.Metadata.Name! } },
            },
        };
    }
}
