using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Controllers;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Push.Backlogs;

namespace K8sQueue.Operator.Push.Activation;

/// <summary>A queue of a pool whose signal is pushed, as the cache has it.</summary>
internal sealed record PushedQueue(V1Alpha1WorkerPool Pool, QueueSpec Spec, BacklogSourceKey Source)
{
    /// <summary>What KEDA calls the queue's metric, after a prefix of its own.</summary>
    public string MetricName => $"k8squeue-{Spec.Name}";

    public NamespacedName PoolKey => Pool.Key();

    /// <summary>Null where the pool is not there, or the queue is not its, or not pushed.</summary>
    public static PushedQueue? Find(PoolStores stores, NamespacedName pool, string queue) =>
        stores.Pools.Get(pool) is { } found && !found.IsDeleting()
        && found.Spec.Queues.Find(item => item.Name == queue) is { K8squeue: { Signal: QueueSignal.Push, Redis: { } redis } } spec
            ? new PushedQueue(found, spec, BacklogSourceKey.Of(pool.Namespace, redis))
            : null;
}
