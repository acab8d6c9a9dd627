using K8sQueue.Core.Jobs;
using K8sQueue.Core.Redis;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Resources.Triggers;

/// <summary>A lane's length is what waits in it and what runs from it; none of it counts while the queue is paused.</summary>
internal static class NativeTriggers
{
    private static readonly Lane[] Lanes = [Lane.Returned, Lane.High, Lane.Normal, Lane.Low];

    public static QueueTriggers Of(QueueSpec queue, NativeQueueSpec spec, TriggerNames names)
    {
        var keys = new RedisKeys(queue.Name);
        var redis = new RedisTriggers(spec.Redis, QueueTriggers.PerReplica(queue));
        var pause = new RedisTriggers(spec.Redis, "1");
        var paused = names.Of("paused");
        return new(
            [.. Lanes.Select(lane => redis.Length(NameOf(lane), keys.LaneKey(lane))), pause.Size(paused, keys.Paused)],
            $"{paused} > 0 ? 0 : {string.Join(" + ", Lanes.Select(NameOf))}",
            SignalCompleteness.Complete)
        {
            Authentication = redis.Authentication,
        };

        string NameOf(Lane lane) => names.Of(lane.ToString().ToLowerInvariant());
    }
}
