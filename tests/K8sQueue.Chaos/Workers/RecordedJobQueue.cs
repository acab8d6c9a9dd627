using K8sQueue.Chaos.Histories;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Chaos.Workers;

/// <summary>Passes every call on to the queue, and writes down what a worker's consumer was given and what it was answered.</summary>
internal sealed class RecordedJobQueue(IJobQueue inner, HistoryFile history) : IJobQueue
{
    public async ValueTask<IJobConsumer> OpenConsumerAsync(JobConsumerOptions options, CancellationToken cancellationToken)
    {
        var consumer = await inner.OpenConsumerAsync(options, cancellationToken);
        history.Opened();
        return new RecordedConsumer(consumer, history);
    }

    public ValueTask<MaintenanceReport> MaintainAsync(string queue, CancellationToken cancellationToken) => inner.MaintainAsync(queue, cancellationToken);

    public ValueTask CheckHealthAsync(CancellationToken cancellationToken) => inner.CheckHealthAsync(cancellationToken);

    public ValueTask<IReadOnlyList<JobId>> EnqueueAsync(IReadOnlyList<JobRequest> jobs, CancellationToken cancellationToken) =>
        inner.EnqueueAsync(jobs, cancellationToken);

    public ValueTask<JobSnapshot?> GetJobAsync(JobId id, CancellationToken cancellationToken) => inner.GetJobAsync(id, cancellationToken);

    public ValueTask<IReadOnlyList<string>> ListQueuesAsync(CancellationToken cancellationToken) => inner.ListQueuesAsync(cancellationToken);

    public ValueTask<QueueStatistics> GetStatisticsAsync(string queue, CancellationToken cancellationToken) =>
        inner.GetStatisticsAsync(queue, cancellationToken);

    public ValueTask<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(
        string queue, int offset, int count, CancellationToken cancellationToken) =>
        inner.ListDeadLettersAsync(queue, offset, count, cancellationToken);

    public ValueTask<bool> RedriveAsync(JobId id, CancellationToken cancellationToken) => inner.RedriveAsync(id, cancellationToken);

    public ValueTask SetPausedAsync(string queue, bool paused, CancellationToken cancellationToken) =>
        inner.SetPausedAsync(queue, paused, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}

/// <summary>Puts it around the queue of a host.</summary>
internal static class RecordedJobQueueExtensions
{
    /// <summary>After the queue itself was added.</summary>
    public static IServiceCollection RecordJobQueue(this IServiceCollection services, HistoryFile history)
    {
        var queue = services.Last(service => service.ServiceType == typeof(IJobQueue));
        services.Remove(queue);
        return services.AddSingleton<IJobQueue>(provider => new RecordedJobQueue((IJobQueue)queue.ImplementationFactory!(provider), history));
    }
}
