using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Queues;

namespace K8sQueue.Operator.Resources.Triggers;

/// <summary>
/// Without a group the stream's length: all that is not deleted. With one its lag, which is what waits, and its pending entries, which are
/// what runs. Redis can't tell the lag after a waiting entry was deleted: one job counts then, for a worker to pass that place.
/// </summary>
internal static class RedisStreamTriggers
{
    public static QueueTriggers Of(QueueSpec queue, RedisStreamQueueSpec spec, TriggerNames names)
    {
        var redis = new RedisTriggers(spec.Redis, QueueTriggers.PerReplica(queue));
        if (spec.ConsumerGroup is not { } group)
            return new([redis.Length(names.Only, spec.Stream)], names.Only, SignalCompleteness.Complete) { Authentication = redis.Authentication };
        var (lag, pending) = (names.Of("lag"), names.Of("pending"));
        return new(
            [redis.Lag(lag, spec.Stream, group), redis.Pending(pending, spec.Stream, group)],
            $"{lag} < 0 ? max({pending}, 1) : {lag} + {pending}",
            SignalCompleteness.Complete)
        {
            Authentication = redis.Authentication,
        };
    }
}
