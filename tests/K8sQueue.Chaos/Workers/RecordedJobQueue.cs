using K8sQueue.Chaos.Histories;
using K8sQueue.Core.Queues;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Chaos.Workers;

/// <summary>Passes every call on to the queue, and writes down what a worker's consumer was given and what it was answered.</summary>
internal sealed class RecordedJobQueue(IJobQueue inner, HistoryFile history) : DelegatingJobQueue(inner)
{
    public override async ValueTask<IJobConsumer> OpenConsumerAsync(JobConsumerOptions options, CancellationToken cancellationToken)
    {
        var consumer = await Inner.OpenConsumerAsync(options, cancellationToken);
        history.Opened();
        return new RecordedConsumer(consumer, history);
    }
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
