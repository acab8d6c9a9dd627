using K8sQueue.Core.Batches;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.InMemory;

/// <content>Batches and flows.</content>
public sealed partial class InMemoryJobQueue
{
    internal InMemoryBatches Batches => field ??= new InMemoryBatches(this);

    public ValueTask<EnqueuedBatch> EnqueueBatchAsync(BatchRequest batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        cancellationToken.ThrowIfCancellationRequested();
        batch.ThrowIfInvalid();
        var (plan, answer) = BatchPlan.Of(batch, _time);
        Enqueue(plan);
        return ValueTask.FromResult(answer);
    }

    public ValueTask<EnqueuedFlow> EnqueueFlowAsync(FlowRequest flow, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        cancellationToken.ThrowIfCancellationRequested();
        var (plan, answer) = BatchPlan.Of(flow, JobLimits.MaxPayloadBytes, _time);
        Enqueue(plan);
        return ValueTask.FromResult(answer);
    }

    public ValueTask<BatchStatus?> GetBatchAsync(BatchId id, int offset, int count, CancellationToken cancellationToken)
    {
        lock (Gate)
            return ValueTask.FromResult(Batches.Get(id, offset, count));
    }

    private void Enqueue(BatchPlan plan)
    {
        lock (Gate)
        {
            foreach (var batch in plan.Batches)
                Batches.Put(batch);
            foreach (var job in plan.Jobs)
                Queue(job.Id.Queue).Enqueue(job.Request, job.Id);
        }

        Signal();
    }
}
