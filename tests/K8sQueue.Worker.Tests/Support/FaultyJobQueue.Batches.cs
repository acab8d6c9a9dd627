using K8sQueue.Core.Batches;

namespace K8sQueue.Worker.Tests.Support;

/// <content>Batches and flows.</content>
internal sealed partial class FaultyJobQueue
{
    public ValueTask<EnqueuedBatch> EnqueueBatchAsync(BatchRequest batch, CancellationToken cancellationToken) =>
        Inner.EnqueueBatchAsync(batch, cancellationToken);

    public ValueTask<EnqueuedFlow> EnqueueFlowAsync(FlowRequest flow, CancellationToken cancellationToken) =>
        Inner.EnqueueFlowAsync(flow, cancellationToken);

    public ValueTask<BatchStatus?> GetBatchAsync(BatchId id, int offset, int count, CancellationToken cancellationToken) =>
        Inner.GetBatchAsync(id, offset, count, cancellationToken);
}
