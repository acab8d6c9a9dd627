using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Controllers;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;

namespace K8sQueue.Operator.Tests.Fakes;

/// <summary>The caches of an operator over a <see cref="FakeCluster"/>.</summary>
internal static class FakeStores
{
    public static PoolStores Over(FakeCluster cluster) => new PoolStores(
        new FakeStore<V1Alpha1WorkerPool>(cluster),
        new FakeStore<V1Alpha1ConnectionBudget>(cluster),
        new FakeStore<V1Deployment>(cluster),
        new FakeStore<V1Pod>(cluster, Labels.Pool),
        new FakeStore<V1PodDisruptionBudget>(cluster),
        new FakeStore<V1Alpha1ScaledObject>(cluster),
        new FakeStore<V1Alpha1TriggerAuthentication>(cluster),
        () => !cluster.Unserved.Contains("scaledobjects")).Index();
}
