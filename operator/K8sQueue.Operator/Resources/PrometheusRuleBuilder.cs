using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Prometheus;

namespace K8sQueue.Operator.Resources;

/// <summary>The PrometheusRule with the pool's alerts.</summary>
public static class PrometheusRuleBuilder
{
    public static V1PrometheusRule Build(V1Alpha1WorkerPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        return new V1PrometheusRule
        {
            ApiVersion = "monitoring.coreos.com/v1",
            Kind = "PrometheusRule",
            Metadata = ChildMetadata.Of(pool, pool.Metadata.Name!, pool.Spec.Monitoring.Labels),
            Spec = new PrometheusRuleSpec { Groups = [new RuleGroup { Name = "k8squeue-pool", Rules = [.. PoolAlerts.Of(pool)] }] },
        };
    }
}
