using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Capacity;

/// <summary>Asks a broker for capacity.</summary>
public static class LoadStoreExtensions
{
    /// <summary>How much work a queue brings and how many slots that wants; an unknown queue has nothing but nulls.</summary>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached.</exception>
    public static async ValueTask<QueueCapacity> GetCapacityAsync(this IJobQueue jobs, string queue, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        return CapacityEstimator.Estimate(await jobs.Load.ReadAsync(queue, cancellationToken).ConfigureAwait(false));
    }
}
