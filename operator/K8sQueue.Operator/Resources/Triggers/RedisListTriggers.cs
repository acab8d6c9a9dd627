using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Queues;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Resources.Triggers;

/// <summary>The size of a list, and of the collections that hold what runs.</summary>
internal static class RedisListTriggers
{
    public static QueueTriggers Of(QueueSpec queue, RedisListQueueSpec spec, TriggerNames names)
    {
        var redis = new RedisTriggers(spec.Redis, QueueTriggers.PerReplica(queue));
        var triggers = (spec.InFlightKeys ?? []).Select((key, i) => redis.Size(names.Of(FormattableString.Invariant($"inflight{i}")), key))
            .Prepend(redis.Size(names.Of("waiting"), spec.Key)).ToList();
        var signal = triggers.Count > 1 ? SignalCompleteness.Complete : SignalCompleteness.Incomplete(
            Reasons.InFlightNotCounted,
            $"Queue '{queue.Name}': a job that was taken off the list is not counted any more. "
            + "Where workers move what they run to another key (LMOVE), name it in inFlightKeys.");
        return new(triggers, string.Join(" + ", triggers.Select(trigger => trigger.Name)), signal) { Authentication = redis.Authentication };
    }
}
