using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Queues;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Resources.Triggers;

/// <summary>The list <c>queue:NAME</c>. Which jobs run is known by process, not by queue.</summary>
internal static class SidekiqTriggers
{
    public static QueueTriggers Of(QueueSpec queue, SidekiqQueueSpec spec, TriggerNames names)
    {
        var redis = new RedisTriggers(spec.Redis, QueueTriggers.PerReplica(queue));
        return new(
            [redis.Size(names.Only, $"queue:{spec.Queue ?? queue.Name}")],
            names.Only,
            SignalCompleteness.Incomplete(
                Reasons.InFlightNotCounted,
                $"Queue '{queue.Name}': Sidekiq keeps the jobs that run by process, not by queue, so they are not counted. "
                + "A long stabilizationSeconds and cooldownSeconds, and a drain time-out longer than a job, make up for it."))
        {
            Authentication = redis.Authentication,
        };
    }
}
