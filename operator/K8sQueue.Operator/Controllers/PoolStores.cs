using K8sQueue.Kubernetes.Informers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Scaling;

namespace K8sQueue.Operator.Controllers;

/// <summary>The caches that the controllers read. What they show may be old: nothing is ever granted by it.</summary>
/// <param name="KedaIsServed">Whether ScaledObjects can be had in a namespace.</param>
/// <param name="KedaRefusal">Why not, where the API server knows them and does not let the operator list them.</param>
public sealed record PoolStores(
    IResourceStore<V1Alpha1WorkerPool> Pools,
    IResourceStore<V1Alpha1ConnectionBudget> Budgets,
    IResourceStore<V1Deployment> Deployments,
    IResourceStore<V1Pod> Pods,
    IResourceStore<V1PodDisruptionBudget> DisruptionBudgets,
    IResourceStore<V1Alpha1ScaledObject> ScaledObjects,
    IResourceStore<V1Alpha1TriggerAuthentication> TriggerAuthentications,
    Func<string?, bool> KedaIsServed,
    Func<string?, string?> KedaRefusal)
{
    private PoolAllocations? _allocations;

    /// <summary>What the pools make of the budgets, worked out once for all who ask.</summary>
    internal PoolAllocations Allocations => LazyInitializer.EnsureInitialized(ref _allocations, () => new PoolAllocations(this))!;

    /// <summary>Adds the indexes that the controllers look things up by.</summary>
    public PoolStores Index()
    {
        Deployments.IndexByLabel(Labels.Pool);
        Pods.IndexByLabel(Labels.Pool);
        TriggerAuthentications.IndexByLabel(Labels.Pool);
        return this;
    }

    internal IReadOnlyList<V1Pod> PodsOf(V1Alpha1WorkerPool pool) =>
        Pods.WithLabel(Labels.Pool, pool.Metadata.Namespace, pool.Metadata.Name!);

    internal IReadOnlyList<V1Deployment> DeploymentsOf(V1Alpha1WorkerPool pool) =>
        [.. Deployments.WithLabel(Labels.Pool, pool.Metadata.Namespace, pool.Metadata.Name!).Where(deployment => deployment.IsControlledBy(pool))];
}
