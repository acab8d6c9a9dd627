using K8sQueue.Core.Batches;

namespace K8sQueue.Core.Queues;

/// <content>Batches and flows.</content>
public abstract partial class DelegatingJobQueue
{
    public virtual ValueTask<EnqueuedBatch> EnqueueBatchAsync(BatchRequest batch, CancellationToken cancellationToken) =>
        inner.EnqueueBatchAsync(batch, cancellationToken);

    public virtual ValueTask<EnqueuedFlow> EnqueueFlowAsync(FlowRequest flow, CancellationToken cancellationToken) =>
        inner.EnqueueFlowAsync(flow, cancellationToken);

    public virtual ValueTask<BatchStatus?> GetBatchAsync(BatchId id, int offset, int count, CancellationToken cancellationToken) =>
        inner.GetBatchAsync(id, offset, count, cancellationToken);
}
