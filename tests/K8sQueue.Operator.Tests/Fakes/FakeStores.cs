using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Caching;
using K8sQueue.Operator.Controllers;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;

namespace K8sQueue.Operator.Tests.Fakes;

/// <summary>The caches of an operator over a <see cref="FakeCluster"/>, with as little in them as the real ones have.</summary>
internal static class FakeStores
{
    public static PoolStores Over(FakeCluster cluster)
    {
        var keep = new CacheTransforms();
        return new PoolStores(
            new FakeStore<V1Alpha1WorkerPool>(cluster, transform: keep.Pool),
            new FakeStore<V1Alpha1ConnectionBudget>(cluster, transform: keep.Budget),
            new FakeStore<V1Deployment>(cluster, transform: keep.Deployment),
            new FakeStore<V1Pod>(cluster, Labels.Pool, keep.Pod),
            new FakeStore<V1PodDisruptionBudget>(cluster, transform: keep.DisruptionBudget),
            new FakeStore<V1Alpha1ScaledObject>(cluster, transform: keep.ScaledObject),
            new FakeStore<V1Alpha1TriggerAuthentication>(cluster, transform: keep.TriggerAuthentication),
            _ => !cluster.Unserved.Contains("scaledobjects"),
            _ => cluster.KedaRefusal).Index();
    }
}
