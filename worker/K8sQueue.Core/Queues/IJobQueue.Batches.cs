using K8sQueue.Core.Batches;

namespace K8sQueue.Core.Queues;

/// <content>Jobs whose end leads to others. How a job ended is told to its batch in the same step where both are of one queue, else within a turn of
/// housekeeping of the job's queue.</content>
public partial interface IJobQueue
{
    /// <summary>
    /// Enqueues jobs, and further ones when they have ended. The batch is recorded first, so no callback comes too early whatever becomes of the
    /// producer; where this throws, some of the jobs may be there.
    /// </summary>
    /// <exception cref="ArgumentException">The batch is invalid; nothing was added.</exception>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached.</exception>
    /// <exception cref="JobQueueFullException">The broker has no memory left.</exception>
    ValueTask<EnqueuedBatch> EnqueueBatchAsync(BatchRequest batch, CancellationToken cancellationToken);

    /// <summary>Enqueues a job that runs after others, which may run after others again: nested batches.</summary>
    /// <inheritdoc cref="EnqueueBatchAsync"/>
    ValueTask<EnqueuedFlow> EnqueueFlowAsync(FlowRequest flow, CancellationToken cancellationToken);

    /// <summary>A batch; null where there is none of this id, or its record has expired.</summary>
    /// <param name="id">The batch.</param>
    /// <param name="offset">How many of its jobs to leave out.</param>
    /// <param name="count">How many of its jobs to tell.</param>
    ValueTask<BatchStatus?> GetBatchAsync(BatchId id, int offset, int count, CancellationToken cancellationToken);
}
