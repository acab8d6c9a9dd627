using K8sQueue.Core.Audit;
using K8sQueue.Core.Capacity;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Trends;

namespace K8sQueue.Worker.Tests.Support;

/// <summary>Passes calls on, or refuses them as a broker does that can't be reached, and remembers what was asked of it.</summary>
internal sealed partial class FaultyJobQueue(IJobQueue inner) : IJobQueue
{
    private volatile bool _down;
    private volatile Exception? _openFailure;

    public IJobQueue Inner { get; } = inner;

    public ILoadStore Load => IsDown ? throw new JobQueueUnavailableException("The broker is down.") : Inner.Load;

    public ITrendStore Trends => Inner.Trends;

    public IAuditLog Audit => Inner.Audit;

    /// <summary>Whether every call fails.</summary>
    public bool IsDown
    {
        get => _down;
        set => _down = value;
    }

    /// <summary>What opening a consumer throws.</summary>
    public Exception? OpenFailure
    {
        get => _openFailure;
        set => _openFailure = value;
    }

    /// <summary>What a fetch throws.</summary>
    public Exception? FetchFailure { get; set; }

    /// <summary>What quiescing throws.</summary>
    public Exception? QuiesceFailure { get; set; }

    /// <summary>By how much its clock is ahead of this machine's.</summary>
    public TimeSpan Ahead { get; set; }

    /// <summary>Whether outcomes reach the broker though their answer does not reach the worker.</summary>
    public bool LosesAnswers { get; set; }

    /// <summary>While set and not completed, a fetch keeps what it took to itself, and the consumer can't be disposed.</summary>
    public TaskCompletionSource? Held { get; set; }

    /// <summary>Runs at each call for a queue's housekeeping, and may hold it up.</summary>
    public Func<string, Task>? Maintaining { get; set; }

    /// <summary>Which queues' housekeeping is due; null for all of them.</summary>
    public Func<IReadOnlyList<string>, IReadOnlyList<string>>? Finding { get; set; }

    public FaultyConsumer? Consumer { get; private set; }

    public async ValueTask<IJobConsumer> OpenConsumerAsync(JobConsumerOptions options, CancellationToken cancellationToken)
    {
        if (OpenFailure is { } failure)
            throw failure;
        ThrowIfDown();
        return Consumer = new FaultyConsumer(this, await Inner.OpenConsumerAsync(options, cancellationToken));
    }

    public void ThrowIfDown()
    {
        if (IsDown)
            throw new JobQueueUnavailableException("The broker is down.");
    }

    public ValueTask<IReadOnlyList<string>> FindDueAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken)
    {
        ThrowIfDown();
        return Finding is { } finding ? ValueTask.FromResult(finding(queues)) : Inner.FindDueAsync(queues, cancellationToken);
    }

    public async ValueTask<MaintenanceReport> MaintainAsync(string queue, CancellationToken cancellationToken)
    {
        ThrowIfDown();
        if (Maintaining is { } maintaining)
            await maintaining(queue);
        return await Inner.MaintainAsync(queue, cancellationToken);
    }

    public ValueTask CheckHealthAsync(CancellationToken cancellationToken)
    {
        ThrowIfDown();
        return Inner.CheckHealthAsync(cancellationToken);
    }

    public ValueTask<IReadOnlyList<EnqueuedJob>> EnqueueAsync(IReadOnlyList<JobRequest> jobs, CancellationToken cancellationToken) =>
        Inner.EnqueueAsync(jobs, cancellationToken);

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

    public ValueTask<JobPage> FindJobsAsync(string queue, JobFilter filter, string? after, int count, CancellationToken cancellationToken) =>
        Inner.FindJobsAsync(queue, filter, after, count, cancellationToken);

    public ValueTask<JobSelection> FindDeadLettersAsync(
        string queue, DeadLetterFilter filter, string? after, int count, CancellationToken cancellationToken) =>
        Inner.FindDeadLettersAsync(queue, filter, after, count, cancellationToken);

    public ValueTask<int> DrainAsync(string queue, bool delayed, int max, CancellationToken cancellationToken) =>
        Inner.DrainAsync(queue, delayed, max, cancellationToken);

    public ValueTask<RerunOutcome> RerunAsync(JobId id, CancellationToken cancellationToken) => Inner.RerunAsync(id, cancellationToken);

    public ValueTask<DeleteOutcome> DeleteJobAsync(JobId id, CancellationToken cancellationToken) => Inner.DeleteJobAsync(id, cancellationToken);

    public ValueTask<KeptPayload?> ReadPayloadAsync(JobId id, int maxBytes, CancellationToken cancellationToken) => Inner.ReadPayloadAsync(id, maxBytes, cancellationToken);

    public ValueTask<CancelOutcome> CancelAsync(JobId id, CancellationToken cancellationToken) => Inner.CancelAsync(id, cancellationToken);

    public ValueTask<JobEventPage> ReadEventsAsync(
        string queue, JobEventId? after, int max, TimeSpan wait, CancellationToken cancellationToken) =>
        Inner.ReadEventsAsync(queue, after, max, wait, cancellationToken);

    public ValueTask SetLimitsAsync(string queue, QueueLimits limits, CancellationToken cancellationToken) =>
        Inner.SetLimitsAsync(queue, limits, cancellationToken);

    public ValueTask<QueueLimits> GetLimitsAsync(string queue, CancellationToken cancellationToken) => Inner.GetLimitsAsync(queue, cancellationToken);

    public ValueTask SetPausedAsync(string queue, bool paused, CancellationToken cancellationToken) =>
        Inner.SetPausedAsync(queue, paused, cancellationToken);

    public ValueTask<bool> DeleteQueueAsync(string queue, CancellationToken cancellationToken) => Inner.DeleteQueueAsync(queue, cancellationToken);

    public ValueTask DisposeAsync() => Inner.DisposeAsync();
}
