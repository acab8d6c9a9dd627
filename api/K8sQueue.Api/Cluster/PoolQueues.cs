using K8sQueue.Api.Cluster.Resources;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Cluster;

/// <summary>What pools consume. Pure.</summary>
internal static class PoolQueues
{
    /// <summary>The kind of a queue of K8sQueue itself.</summary>
    public const string Native = "k8squeue";

    /// <summary>Names of a pool's queues of K8sQueue itself; that they are in this API's Redis, only their names tell.</summary>
    public static IEnumerable<string> NativeQueues(this WorkerPoolResource pool) => (pool.Spec.Queues ?? [])
        .Where(queue => PoolDocument.KindOf(queue) == Native && QueueName.IsValid(queue.Name)).Select(queue => queue.Name);
}
