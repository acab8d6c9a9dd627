using K8sQueue.Core.Audit;
using K8sQueue.Core.Capacity;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis.Audit;
using K8sQueue.Core.Redis.Batches;
using K8sQueue.Core.Redis.Consumers;
using K8sQueue.Core.Redis.Events;
using K8sQueue.Core.Redis.Schedules;
using K8sQueue.Core.Redis.Trends;
using K8sQueue.Core.Telemetry;
using K8sQueue.Core.Trends;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis;

/// <summary>The native queue: streams on Redis 7.0 or later, or Valkey. docs/reference/redis-queue.md describes it.</summary>
public sealed partial class RedisJobQueue : IJobQueue
{
    private readonly RedisServices _services;
    private readonly RedisHealth _health;
    private readonly RedisEnqueuer _enqueuer;
    private readonly RedisReader _reader;
    private readonly RedisJobFinder _finder;
    private readonly RedisMaintenance _maintenance;
    private readonly RedisSchedules _schedules;
    private readonly RedisEventReader _events;
    private readonly RedisLimits _limits;
    private readonly RedisBatches _batches;

    /// <summary>Makes the queue. It connects at the first call.</summary>
    /// <exception cref="ArgumentException">A setting is missing or out of its range.</exception>
    public RedisJobQueue(
        RedisQueueOptions options, TimeProvider? time = null, ILoggerFactory? loggers = null, JobQueueMetrics? metrics = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        RedisQueueOptionsValidator.ThrowIfInvalid(options);
        _services = new RedisServices(
            options,
            new RedisEndpoint(options, loggers?.CreateLogger<RedisEndpoint>()),
            time ?? TimeProvider.System,
            loggers ?? NullLoggerFactory.Instance,
            metrics ?? new JobQueueMetrics());
        _health = new RedisHealth(_services.Connection, _services.Endpoint, options.OperationTimeout);
        _enqueuer = new RedisEnqueuer(_services, _health);
        _reader = new RedisReader(_services);
        _finder = new RedisJobFinder(_services, _reader);
        _schedules = new RedisSchedules(_services, _health, _enqueuer);
        _batches = new RedisBatches(_services, _health, _enqueuer, _reader);
        _maintenance = new RedisMaintenance(_services, new ScheduleFirer(_services, _schedules), new OutboxRelay(_services));
        _events = new RedisEventReader(_services);
        _limits = new RedisLimits(_services);
        Load = new RedisLoadStore(_services);
        Trends = new RedisTrendStore(_services);
        Audit = new RedisAuditLog(_services);
    }

    public ILoadStore Load { get; }

    public ITrendStore Trends { get; }

    public IAuditLog Audit { get; }

    public async ValueTask<IReadOnlyList<EnqueuedJob>> EnqueueAsync(IReadOnlyList<JobRequest> jobs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        cancellationToken.ThrowIfCancellationRequested();
        return await _enqueuer.EnqueueAsync(jobs).ConfigureAwait(false);
    }

    public async ValueTask<JobSnapshot?> GetJobAsync(JobId id, CancellationToken cancellationToken) =>
        await _reader.GetJobAsync(id).WaitAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<string>> ListQueuesAsync(CancellationToken cancellationToken) =>
        await _reader.ListQueuesAsync().WaitAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask<QueueStatistics> GetStatisticsAsync(string queue, CancellationToken cancellationToken) =>
        await _reader.GetStatisticsAsync(queue).WaitAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(
        string queue, int offset, int count, CancellationToken cancellationToken) =>
        await _reader.ListDeadLettersAsync(queue, offset, count).WaitAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask<DeadLetter?> GetDeadLetterAsync(JobId id, CancellationToken cancellationToken) =>
        await _reader.GetDeadLetterAsync(id).WaitAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask<RedriveOutcome> RedriveAsync(JobId id, ReadOnlyMemory<byte>? payload, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        RedisValue[] arguments = payload is { } bytes ? [id.Ulid, .. _services.Payloads.Pack(bytes)] : [id.Ulid];
        var keys = _services.Peek(id.Queue).Keys;
        return (int)await _services.Connection.EvaluateAsync(RedisScript.Redrive, keys, arguments).ConfigureAwait(false) switch
        {
            1 => RedriveOutcome.Redriven,
            2 => RedriveOutcome.Duplicate,
            _ => RedriveOutcome.NotFound,
        };
    }

    public async ValueTask<bool> DeleteDeadLetterAsync(JobId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var keys = _services.Peek(id.Queue).Keys;
        return (int)await _services.Connection.EvaluateAsync(RedisScript.DeleteDead, keys, [id.Ulid]).ConfigureAwait(false) == 1;
    }

    public async ValueTask<CancelOutcome> CancelAsync(JobId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var keys = _services.Peek(id.Queue).Keys;
        RedisValue[] arguments = [id.Ulid, EntryHeader.Milliseconds(_services.Options.CompletedRetention)];
        return (int)await _services.Connection.EvaluateAsync(RedisScript.Cancel, keys, arguments).ConfigureAwait(false) switch
        {
            1 => CancelOutcome.Cancelled,
            2 => CancelOutcome.Requested,
            _ => CancelOutcome.NotFound,
        };
    }

    public async ValueTask SetPausedAsync(string queue, bool paused, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var keys = _services.Peek(queue).Keys;
        await _services.Connection.EvaluateAsync(RedisScript.Pause, keys, [paused ? 1 : 0]).ConfigureAwait(false);
    }

    public async ValueTask<bool> DeleteQueueAsync(string queue, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await _services.RemoveAsync(queue).ConfigureAwait(false);
    }

    public async ValueTask SetLimitsAsync(string queue, QueueLimits limits, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await _limits.SetAsync(queue, limits).ConfigureAwait(false);
    }

    public async ValueTask<QueueLimits> GetLimitsAsync(string queue, CancellationToken cancellationToken) =>
        await _limits.GetAsync(queue).WaitAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask<JobEventPage> ReadEventsAsync(
        string queue, JobEventId? after, int max, TimeSpan wait, CancellationToken cancellationToken) =>
        await _events.ReadAsync(queue, after, max, wait, cancellationToken).ConfigureAwait(false);

    public async ValueTask<IJobConsumer> OpenConsumerAsync(JobConsumerOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.ThrowIfInvalid();
        cancellationToken.ThrowIfCancellationRequested();
        await _health.CheckAsync().ConfigureAwait(false);
        _enqueuer.LeaveSocket();
        return await RedisJobConsumer.OpenAsync(_services, _health, options).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<QueueConsumer>> ListConsumersAsync(string queue, int max, CancellationToken cancellationToken) =>
        await _reader.ListConsumersAsync(queue, max).WaitAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<string>> FindDueAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queues);
        cancellationToken.ThrowIfCancellationRequested();
        await _health.EnsureStillAsync().ConfigureAwait(false);
        return await _maintenance.FindDueAsync(queues).ConfigureAwait(false);
    }

    public async ValueTask<MaintenanceReport> MaintainAsync(string queue, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await _maintenance.RunAsync(queue).ConfigureAwait(false);
    }

    public async ValueTask CheckHealthAsync(CancellationToken cancellationToken) =>
        await _health.CheckAsync().WaitAsync(cancellationToken).ConfigureAwait(false);

    public ValueTask DisposeAsync()
    {
        _enqueuer.Dispose();
        return _services.Connection.DisposeAsync();
    }
}
