using K8sQueue.Api.Cluster.Resources;
using K8sQueue.Api.Workers;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Cluster;

/// <summary>What a pool's pods have in flight, by the broker: pods that consume a queue of this API's Redis go by their own name there.</summary>
internal static class PodLoad
{
    /// <summary>Jobs in flight by pod. Pods that are not there are not known to consume anything here: their queues may be elsewhere.</summary>
    public static async Task<IReadOnlyDictionary<string, int>> ReadAsync(WorkerPoolResource pool, IJobQueue jobs, CancellationToken cancellationToken)
    {
        var consumers = new List<QueueConsumer>();
        try
        {
            foreach (var queue in pool.NativeQueues())
                consumers.AddRange(await jobs.ListConsumersAsync(queue, WorkerReader.MaxPerQueue, cancellationToken));
        }
        catch (Exception e) when (e is JobQueueUnavailableException or JobQueueFullException or JobQueueConfigurationException)
        {
            // The pods are shown all the same.
            return new Dictionary<string, int>();
        }

        return Sum(consumers);
    }

    /// <summary>Jobs in flight by pod, over all queues and starts.</summary>
    public static Dictionary<string, int> Sum(IEnumerable<QueueConsumer> consumers) => consumers
        .GroupBy(consumer => WorkerDocument.PodOf(consumer.Name), StringComparer.Ordinal)
        .ToDictionary(pod => pod.Key, pod => pod.Sum(consumer => consumer.InFlight), StringComparer.Ordinal);
}
