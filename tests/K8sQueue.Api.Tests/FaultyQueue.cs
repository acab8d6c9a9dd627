using K8sQueue.Core.Audit;
using K8sQueue.Core.Capacity;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Trends;

namespace K8sQueue.Api.Tests;

/// <summary>Passes calls on, or throws <see cref="Fault"/> while it is set.</summary>
internal sealed partial class FaultyQueue(IJobQueue inner) : IJobQueue
{
    private int _eventReads;
    private int _eventReadsUnderWay;
    private int _eventReadsHeld;

    /// <summary>What every call throws; null for none.</summary>
    public Func<Exception>? Fault { get; set; }

    public ILoadStore Load => Inner.Load;

    public ITrendStore Trends => Inner.Trends;

    public IAuditLog Audit => AuditFault is { } fault ? throw fault() : Inner.Audit;

    /// <summary>What the audit log throws; null for nothing.</summary>
    public Func<Exception>? AuditFault { get; set; }

    /// <summary>When set, enqueue waits for it, or for its cancellation.</summary>
    public TaskCompletionSource? Hold { get; set; }

    /// <summary>Enqueue calls begun.</summary>
    public int Enqueues { get; private set; }

    /// <summary>The most jobs that one enqueue call had.</summary>
    public int LargestBatch { get; private set; }

    /// <summary>What the enqueue call with this number, from 1, throws; null for nothing. Calls of the host's own loops have no part in it.</summary>
    public Func<int, Exception?> EnqueueFault { get; set; } = _ => null;

    public async ValueTask<IReadOnlyList<EnqueuedJob>> EnqueueAsync(IReadOnlyList<JobRequest> jobs, CancellationToken cancellationToken)
    {
        var call = ++Enqueues;
        LargestBatch = Math.Max(LargestBatch, jobs.Count);
        if (Hold is { } hold)
            await hold.Task.WaitAsync(cancellationToken);
        if (EnqueueFault(call) is { } refusal)
            throw refusal;
        return await Inner.EnqueueAsync(jobs, cancellationToken);
    }

    public ValueTask<JobSnapshot?> GetJobAsync(JobId id, CancellationToken cancellationToken) => Inner.GetJobAsync(id, cancellationToken);

    public ValueTask<IReadOnlyList<string>> ListQueuesAsync(CancellationToken cancellationToken) => Inner.ListQueuesAsync(cancellationToken);

    public ValueTask<QueueStatistics> GetStatisticsAsync(string queue, CancellationToken cancellationToken) =>
        Inner.GetStatisticsAsync(queue, cancellationToken);

    public ValueTask<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(
        string queue, int offset, int count, CancellationToken cancellationToken) =>
        Inner.ListDeadLettersAsync(queue, offset, count, cancellationToken);

    public ValueTask<DeadLetter?> GetDeadLetterAsync(JobId id, CancellationToken cancellationToken) => Inner.GetDeadLetterAsync(id, cancellationToken);

    public ValueTask<RedriveOutcome> RedriveAsync(JobId id, ReadOnlyMemory<byte>? payload, CancellationToken cancellationToken) =>
        Inner.RedriveAsync(id, payload, cancellationToken);

    public ValueTask<bool> DeleteDeadLetterAsync(JobId id, CancellationToken cancellationToken) => Inner.DeleteDeadLetterAsync(id, cancellationToken);

    public ValueTask<CancelOutcome> CancelAsync(JobId id, CancellationToken cancellationToken) => Inner.CancelAsync(id, cancellationToken);

    /// <summary>When set, reads of events wait for it, but for those under way.</summary>
    public TaskCompletionSource? HoldEvents { get; set; }

    /// <summary>What a read of events behind one, with this wait, throws; null for nothing.</summary>
    public Func<JobEventId?, TimeSpan, Exception?> EventFault { get; set; } = (_, _) => null;

    public int EventReads => Volatile.Read(ref _eventReads);

    /// <summary>Those that are not held, or not any more.</summary>
    public int EventReadsUnderWay => Volatile.Read(ref _eventReadsUnderWay);

    public int EventReadsHeld => Volatile.Read(ref _eventReadsHeld);

    public async ValueTask<JobEventPage> ReadEventsAsync(
        string queue, JobEventId? after, int max, TimeSpan wait, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _eventReads);
        if (EventFault(after, wait) is { } refusal)
            throw refusal;
        if (HoldEvents is { } hold)
        {
            Interlocked.Increment(ref _eventReadsHeld);
            await hold.Task.WaitAsync(cancellationToken);
        }

        Interlocked.Increment(ref _eventReadsUnderWay);
        try
        {
            return await Inner.ReadEventsAsync(queue, after, max, wait, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _eventReadsUnderWay);
        }
    }

    public ValueTask SetLimitsAsync(string queue, QueueLimits limits, CancellationToken cancellationToken) =>
        Inner.SetLimitsAsync(queue, limits, cancellationToken);

    public ValueTask<QueueLimits> GetLimitsAsync(string queue, CancellationToken cancellationToken) => Inner.GetLimitsAsync(queue, cancellationToken);

    public ValueTask SetPausedAsync(string queue, bool paused, CancellationToken cancellationToken) =>
        Inner.SetPausedAsync(queue, paused, cancellationToken);

    public ValueTask<bool> DeleteQueueAsync(string queue, CancellationToken cancellationToken) => Inner.DeleteQueueAsync(queue, cancellationToken);

    public ValueTask<IJobConsumer> OpenConsumerAsync(JobConsumerOptions options, CancellationToken cancellationToken) =>
        inner.OpenConsumerAsync(options, cancellationToken);

    public ValueTask<IReadOnlyList<QueueConsumer>> ListConsumersAsync(string queue, int max, CancellationToken cancellationToken) =>
        Inner.ListConsumersAsync(queue, max, cancellationToken);

    public ValueTask<MaintenanceReport> MaintainAsync(string queue, CancellationToken cancellationToken) =>
        Inner.MaintainAsync(queue, cancellationToken);

    public ValueTask CheckHealthAsync(CancellationToken cancellationToken) => Inner.CheckHealthAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private IJobQueue Inner => Fault is { } fault ? throw fault() : inner;
}
