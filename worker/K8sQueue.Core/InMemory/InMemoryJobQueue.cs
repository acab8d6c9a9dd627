using K8sQueue.Core.Audit;
using K8sQueue.Core.Capacity;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Trends;

namespace K8sQueue.Core.InMemory;

/// <summary>
/// A queue inside one process, for tests and development: it passes the same compliance suite as the others, and forgets
/// everything when the process ends.
/// </summary>
public sealed partial class InMemoryJobQueue : IJobQueue
{
    private readonly Dictionary<string, InMemoryQueue> _queues = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private TaskCompletionSource _changed = NewSignal();

    public InMemoryJobQueue(InMemoryQueueOptions? options = null, TimeProvider? time = null)
    {
        Options = options ?? new InMemoryQueueOptions();
        _time = time ?? TimeProvider.System;
        Load = new InMemoryLoadStore(_time, EnqueuedTotal);
        Audit = new InMemoryAuditLog(_time);
    }

    public ILoadStore Load { get; }

    public ITrendStore Trends { get; } = new InMemoryTrendStore();

    public IAuditLog Audit { get; }

    internal InMemoryQueueOptions Options { get; }

    /// <summary>Guards every queue of this instance.</summary>
    internal Lock Gate { get; } = new();

    internal TimeProvider Time => _time;

    public ValueTask<IReadOnlyList<EnqueuedJob>> EnqueueAsync(IReadOnlyList<JobRequest> jobs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var job in jobs)
            job.ThrowIfInvalid();
        var ids = new EnqueuedJob[jobs.Count];
        lock (Gate)
        {
            for (var i = 0; i < jobs.Count; i++)
                ids[i] = Queue(jobs[i].Queue).Enqueue(jobs[i]);
        }

        Signal();
        return ValueTask.FromResult<IReadOnlyList<EnqueuedJob>>(ids);
    }

    public ValueTask<JobSnapshot?> GetJobAsync(JobId id, CancellationToken cancellationToken)
    {
        lock (Gate)
            return ValueTask.FromResult(Find(id.Queue)?.GetRecord(id));
    }

    public ValueTask<IReadOnlyList<string>> ListQueuesAsync(CancellationToken cancellationToken)
    {
        lock (Gate)
        {
            return ValueTask.FromResult<IReadOnlyList<string>>(
                [.. _queues.Values.Where(q => q.EverUsed).Select(q => q.Name).Order(StringComparer.Ordinal)]);
        }
    }

    public ValueTask<QueueStatistics> GetStatisticsAsync(string queue, CancellationToken cancellationToken)
    {
        lock (Gate)
            return ValueTask.FromResult(Find(queue)?.Statistics() ?? new QueueStatistics { Queue = queue, Backlog = default });
    }

    public ValueTask<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(
        string queue, int offset, int count, CancellationToken cancellationToken)
    {
        lock (Gate)
            return ValueTask.FromResult<IReadOnlyList<DeadLetter>>(Find(queue)?.ListDead(offset, count) ?? []);
    }

    public ValueTask<DeadLetter?> GetDeadLetterAsync(JobId id, CancellationToken cancellationToken)
    {
        lock (Gate)
            return ValueTask.FromResult(Find(id.Queue)?.FindDead(id));
    }

    public ValueTask<RedriveOutcome> RedriveAsync(JobId id, ReadOnlyMemory<byte>? payload, CancellationToken cancellationToken)
    {
        if (payload is { } bytes)
            JobRequest.ThrowIfTooLarge(bytes, JobLimits.MaxPayloadBytes);
        RedriveOutcome redriven;
        lock (Gate)
            redriven = Find(id.Queue)?.Redrive(id, payload) ?? RedriveOutcome.NotFound;
        Signal();
        return ValueTask.FromResult(redriven);
    }

    public ValueTask<bool> DeleteDeadLetterAsync(JobId id, CancellationToken cancellationToken)
    {
        lock (Gate)
            return ValueTask.FromResult(Find(id.Queue)?.DeleteDead(id) ?? false);
    }

    public ValueTask<CancelOutcome> CancelAsync(JobId id, CancellationToken cancellationToken)
    {
        CancelOutcome outcome;
        lock (Gate)
            outcome = Find(id.Queue)?.Cancel(id) ?? CancelOutcome.NotFound;
        Signal();
        return ValueTask.FromResult(outcome);
    }

    public ValueTask SetPausedAsync(string queue, bool paused, CancellationToken cancellationToken)
    {
        lock (Gate)
            Queue(queue).Paused = paused;
        Signal();
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> DeleteQueueAsync(string queue, CancellationToken cancellationToken)
    {
        QueueName.ThrowIfInvalid(queue);
        lock (Gate)
        {
            if (Find(queue) is { HasNothing: false })
                return ValueTask.FromResult(false);
            _queues.Remove(queue);
            return ValueTask.FromResult(true);
        }
    }

    public ValueTask SetLimitsAsync(string queue, QueueLimits limits, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(limits);
        limits.ThrowIfInvalid();
        lock (Gate)
            Queue(queue).Limits.Set(limits);
        Signal();
        return ValueTask.CompletedTask;
    }

    public ValueTask<QueueLimits> GetLimitsAsync(string queue, CancellationToken cancellationToken)
    {
        lock (Gate)
            return ValueTask.FromResult(Find(queue)?.Limits.Current ?? QueueLimits.None);
    }

    public async ValueTask<JobEventPage> ReadEventsAsync(
        string queue, JobEventId? after, int max, TimeSpan wait, CancellationToken cancellationToken)
    {
        QueueName.ThrowIfInvalid(queue);
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        var until = _time.GetUtcNow() + wait;
        while (true)
        {
            var changed = NextChange();
            JobEventPage page;
            lock (Gate)
                page = Queue(queue).ReadEvents(after, max);
            var left = until - _time.GetUtcNow();
            if (page.Events.Count > 0 || left <= TimeSpan.Zero)
                return page;
            after = page.Last;
            cancellationToken.ThrowIfCancellationRequested();
            await Task.WhenAny(changed, Task.Delay(left, _time, cancellationToken)).ConfigureAwait(false);
        }
    }

    public ValueTask<IJobConsumer> OpenConsumerAsync(JobConsumerOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.ThrowIfInvalid();
        var consumer = new InMemoryJobConsumer(this, options);
        lock (Gate)
        {
            foreach (var name in options.Queues)
                Queue(name).Join(consumer);
        }

        return ValueTask.FromResult<IJobConsumer>(consumer);
    }

    public ValueTask<IReadOnlyList<QueueConsumer>> ListConsumersAsync(string queue, int max, CancellationToken cancellationToken)
    {
        lock (Gate)
            return ValueTask.FromResult(Find(queue)?.Consumers(max) ?? []);
    }

    public ValueTask<MaintenanceReport> MaintainAsync(string queue, CancellationToken cancellationToken)
    {
        MaintenanceReport report;
        lock (Gate)
            report = Find(queue)?.Maintain() ?? default;
        Signal();
        return ValueTask.FromResult(report);
    }

    public ValueTask CheckHealthAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The queue, made where it is unknown. The gate is held.</summary>
    internal InMemoryQueue Queue(string name)
    {
        QueueName.ThrowIfInvalid(name);
        if (!_queues.TryGetValue(name, out var queue))
            _queues[name] = queue = new InMemoryQueue(name, Options, _time, Batches);
        return queue;
    }

    /// <summary>Completes at the next change. Taken before looking, so that no change is missed.</summary>
    internal Task NextChange() => Volatile.Read(ref _changed).Task;

    internal void Signal() => Interlocked.Exchange(ref _changed, NewSignal()).TrySetResult();

    private long EnqueuedTotal(string queue)
    {
        lock (Gate)
            return Find(queue)?.EnqueuedTotal ?? 0;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private InMemoryQueue? Find(string name) => _queues.GetValueOrDefault(name);
}
