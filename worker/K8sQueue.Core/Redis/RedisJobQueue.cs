using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace K8sQueue.Core.Redis;

/// <summary>The native queue: streams on Redis 7.0 or later, or Valkey. docs/reference/redis-queue.md describes it.</summary>
public sealed class RedisJobQueue : IJobQueue
{
    public RedisJobQueue(
        RedisQueueOptions options, TimeProvider? time = null, ILoggerFactory? loggers = null, JobQueueMetrics? metrics = null)
    {
        RedisQueueOptionsValidator.ThrowIfInvalid(options);
        _ = loggers ?? NullLoggerFactory.Instance;
        _ = time;
        _ = metrics;
    }

    public ValueTask<IReadOnlyList<JobId>> EnqueueAsync(IReadOnlyList<JobRequest> jobs, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<JobSnapshot?> GetJobAsync(JobId id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<string>> ListQueuesAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<QueueStatistics> GetStatisticsAsync(string queue, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(
        string queue, int offset, int count, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> RedriveAsync(JobId id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask SetPausedAsync(string queue, bool paused, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<IJobConsumer> OpenConsumerAsync(JobConsumerOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<MaintenanceReport> MaintainAsync(string queue, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask CheckHealthAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
