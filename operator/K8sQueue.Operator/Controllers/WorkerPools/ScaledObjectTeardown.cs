using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>
/// The ScaledObject goes before the pool that it scales: its own finalizer needs the pool to be there. It is waited for with a bound, since that
/// finalizer hangs where KEDA does not run; garbage collection does the rest.
/// </summary>
public sealed class ScaledObjectTeardown(IKubernetesClient client, PoolStores stores, EventPublisher events, TimeProvider time)
    : IEntityFinalizer<V1Alpha1WorkerPool>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public async Task<ReconciliationResult<V1Alpha1WorkerPool>> FinalizeAsync(V1Alpha1WorkerPool entity, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entity);
        if (!stores.KedaIsServed(entity.Metadata.Namespace))
            return Done(entity);
        var (name, @namespace) = (entity.Metadata.Name!, entity.Metadata.Namespace);
        var live = await client.GetAsync<V1Alpha1ScaledObject>(name, @namespace, cancellationToken).ConfigureAwait(false);
        if (live is null || !live.IsControlledBy(entity))
            return Done(entity);
        if (!live.IsDeleting())
        {
            var options = new DeleteOptions { Uid = live.Metadata.Uid };
            await client.DeleteAsync<V1Alpha1ScaledObject>(name, @namespace, options, cancellationToken).ConfigureAwait(false);
        }

        if (time.GetUtcNow() - entity.Metadata.DeletionTimestamp < Bound)
            return ReconciliationResult<V1Alpha1WorkerPool>.Success(entity, Interval);
        await events(
            entity, Reasons.ScaledObjectStuck,
            $"The ScaledObject '{entity.Metadata.Name}' does not go: does KEDA's operator run? The pool goes without waiting for it any longer.",
            EventType.Warning, cancellationToken).ConfigureAwait(false);
        return Done(entity);
    }

    private static ReconciliationResult<V1Alpha1WorkerPool> Done(V1Alpha1WorkerPool pool) => ReconciliationResult<V1Alpha1WorkerPool>.Success(pool);
}
