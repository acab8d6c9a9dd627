using K8sQueue.Core.Audit;
using K8sQueue.Core.Capacity;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Trends;

namespace K8sQueue.Core.Queues;

/// <summary>Passes every call on to another queue: the base of a queue that adds something to some calls.</summary>
/// <param name="inner">The queue, which is disposed with this one.</param>
public abstract partial class DelegatingJobQueue(IJobQueue inner) : IJobQueue
{
    /// <summary>The queue behind this one.</summary>
    protected IJobQueue Inner => inner;

    public virtual ILoadStore Load => inner.Load;

    public virtual ITrendStore Trends => inner.Trends;

    public virtual IAuditLog Audit => inner.Audit;

    public virtual ValueTask<IReadOnlyList<EnqueuedJob>> EnqueueAsync(IReadOnlyList<JobRequest> jobs, CancellationToken cancellationToken) =>
        inner.EnqueueAsync(jobs, cancellationToken);

    public virtual ValueTask<JobSnapshot?> GetJobAsync(JobId id, CancellationToken cancellationToken) => inner.GetJobAsync(id, cancellationToken);

    public virtual ValueTask<IReadOnlyList<string>> ListQueuesAsync(CancellationToken cancellationToken) => inner.ListQueuesAsync(cancellationToken);

    public virtual ValueTask<QueueStatistics> GetStatisticsAsync(string queue, CancellationToken cancellationToken) =>
        inner.GetStatisticsAsync(queue, cancellationToken);

    public virtual ValueTask<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(
        string queue, int offset, int count, CancellationToken cancellationToken) =>
        inner.ListDeadLettersAsync(queue, offset, count, cancellationToken);

    public virtual ValueTask<DeadLetter?> GetDeadLetterAsync(JobId id, CancellationToken cancellationToken) =>
        inner.GetDeadLetterAsync(id, cancellationToken);

    public virtual ValueTask<RedriveOutcome> RedriveAsync(JobId id, ReadOnlyMemory<byte>? payload, CancellationToken cancellationToken) =>
        inner.RedriveAsync(id, payload, cancellationToken);

    public virtual ValueTask<bool> DeleteDeadLetterAsync(JobId id, CancellationToken cancellationToken) =>
        inner.DeleteDeadLetterAsync(id, cancellationToken);

    public virtual ValueTask<CancelOutcome> CancelAsync(JobId id, CancellationToken cancellationToken) => inner.CancelAsync(id, cancellationToken);

    public virtual ValueTask SetPausedAsync(string queue, bool paused, CancellationToken cancellationToken) =>
        inner.SetPausedAsync(queue, paused, cancellationToken);

    public virtual ValueTask<bool> DeleteQueueAsync(string queue, CancellationToken cancellationToken) => inner.DeleteQueueAsync(queue, cancellationToken);

    public virtual ValueTask SetLimitsAsync(string queue, QueueLimits limits, CancellationToken cancellationToken) =>
        inner.SetLimitsAsync(queue, limits, cancellationToken);

    public virtual ValueTask<QueueLimits> GetLimitsAsync(string queue, CancellationToken cancellationToken) =>
        inner.GetLimitsAsync(queue, cancellationToken);

    public virtual ValueTask<JobEventPage> ReadEventsAsync(
        string queue, JobEventId? after, int max, TimeSpan wait, CancellationToken cancellationToken) =>
        inner.ReadEventsAsync(queue, after, max, wait, cancellationToken);

    public virtual ValueTask<IJobConsumer> OpenConsumerAsync(JobConsumerOptions options, CancellationToken cancellationToken) =>
        inner.OpenConsumerAsync(options, cancellationToken);

    public virtual ValueTask<IReadOnlyList<QueueConsumer>> ListConsumersAsync(string queue, int max, CancellationToken cancellationToken) =>
        inner.ListConsumersAsync(queue, max, cancellationToken);

    public virtual ValueTask<IReadOnlyList<string>> FindDueAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken) =>
        inner.FindDueAsync(queues, cancellationToken);

    public virtual ValueTask<MaintenanceReport> MaintainAsync(string queue, CancellationToken cancellationToken) =>
        inner.MaintainAsync(queue, cancellationToken);

    public virtual ValueTask CheckHealthAsync(CancellationToken cancellationToken) => inner.CheckHealthAsync(cancellationToken);

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return inner.DisposeAsync();
    }
}
