using K8sQueue.Core.Batches;

namespace K8sQueue.Core.Redis;

/// <content>Batches and flows.</content>
public sealed partial class RedisJobQueue
{
    public async ValueTask<EnqueuedBatch> EnqueueBatchAsync(BatchRequest batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        cancellationToken.ThrowIfCancellationRequested();
        batch.ThrowIfInvalid(_services.Options.MaxPayloadBytes);
        var (plan, answer) = BatchPlan.Of(batch, _services.Time);
        await _batches.EnqueueAsync(plan).ConfigureAwait(false);
        return answer;
    }

    public async ValueTask<EnqueuedFlow> EnqueueFlowAsync(FlowRequest flow, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        cancellationToken.ThrowIfCancellationRequested();
        var (plan, answer) = BatchPlan.Of(flow, _services.Options.MaxPayloadBytes, _services.Time);
        await _batches.EnqueueAsync(plan).ConfigureAwait(false);
        return answer;
    }

    public async ValueTask<BatchStatus?> GetBatchAsync(BatchId id, int offset, int count, CancellationToken cancellationToken) =>
        await _batches.GetAsync(id, offset, count).WaitAsync(cancellationToken).ConfigureAwait(false);
}
