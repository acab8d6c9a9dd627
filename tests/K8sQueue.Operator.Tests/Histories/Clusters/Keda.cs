using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Tests.Histories.Apis;

namespace K8sQueue.Operator.Tests.Histories.Clusters;

/// <summary>KEDA and the HPA: they write spec.replicas, and say what they think.</summary>
internal sealed class Keda(Cluster cluster)
{
    private const string Finalizer = "finalizer.keda.sh";

    public IReadOnlyList<V1Alpha1WorkerPool> Pools => cluster.Api.Of<V1Alpha1WorkerPool>().All;

    /// <summary>Scales the pool, and says so; or only one of the two.</summary>
    public void Ask(string pool, int replicas, bool says = true)
    {
        var live = cluster.Api.Of<V1Alpha1WorkerPool>().Get(pool);
        if (live is not null && live.Spec.Replicas != replicas)
        {
            cluster.Api.Edit<V1Alpha1WorkerPool>(pool, item =>
            {
                item.Spec = Shallow.Copy(item.Spec);
                item.Spec.Replicas = replicas;
            }, isNewGeneration: true);
        }

        if (says)
            Say(pool, replicas > 0 ? (V1Condition.True, "ScalerActive") : (V1Condition.False, KedaConditions.ScalerNotActive));
    }

    public void Say(string pool, (string Status, string Reason) active)
    {
        if (cluster.Api.Of<V1Alpha1ScaledObject>().Get(pool) is not { } live || live.IsDeleting()
            || live.Status?.Conditions.Find(KedaConditions.Active) is { } known && known.Status == active.Status && known.Reason == active.Reason)
        {
            return;
        }

        cluster.Api.Edit<V1Alpha1ScaledObject>(pool, item =>
        {
            item.Metadata.Finalizers = [Finalizer];
            item.Status = new ScaledObjectStatus
            {
                Conditions =
                [
                    new V1Condition { Type = KedaConditions.Ready, Status = V1Condition.True, Reason = "ScaledObjectReady" },
                    new V1Condition { Type = KedaConditions.Active, Status = active.Status, Reason = active.Reason },
                ],
            };
        });
    }

    /// <summary>Lets deleted ScaledObjects go.</summary>
    public void Finish()
    {
        foreach (var going in cluster.Api.Of<V1Alpha1ScaledObject>().All.Where(item => item.IsDeleting()).ToList())
            cluster.Api.Edit<V1Alpha1ScaledObject>(going.Metadata.Name!, item => item.Metadata.Finalizers = null);
    }
}
