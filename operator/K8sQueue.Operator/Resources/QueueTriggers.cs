using System.Globalization;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Redis;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Push;

namespace K8sQueue.Operator.Resources;

/// <summary>A queue as KEDA sees it: its triggers, and the term of the formula that counts its jobs.</summary>
internal sealed record QueueTriggers(IReadOnlyList<ScaledObjectTrigger> Triggers, string Term)
{
    private static readonly Lane[] Lanes = [Lane.Returned, Lane.High, Lane.Normal, Lane.Low];

    /// <param name="push">What pushed queues need; null polls them.</param>
    public static QueueTriggers Of(string pool, QueueSpec queue, int index, PushTriggers? push) =>
        push is not null && PushedTriggers.IsPushed(queue) ? PushedTriggers.Of(pool, queue, index, push)
        : queue.K8squeue is { } native ? Native(pool, queue, native.Redis, index) : Raw(queue.Keda!, index);

    /// <summary>A lane's length is what waits in it and what runs from it; none of it counts while the queue is paused.</summary>
    private static QueueTriggers Native(string pool, QueueSpec queue, RedisConnectionSpec redis, int index)
    {
        var keys = new RedisKeys(queue.Name);
        var authentication = TriggerAuthenticationBuilder.IsNeeded(queue)
            ? new KedaAuthenticationReference { Name = ChildMetadata.TriggerAuthenticationName(pool, index) }
            : null;
        var perReplica = queue.JobsPerReplica!.Value.ToString(CultureInfo.InvariantCulture);
        var triggers = Lanes
            .Select(lane => Trigger("redis-streams", NameOf(index, lane), new() { ["stream"] = keys.LaneKey(lane), ["streamLength"] = perReplica }))
            .Append(Trigger("redis", Paused(index), new() { ["listName"] = keys.Paused, ["listLength"] = "1" }))
            .ToList();
        return new(triggers, $"{Paused(index)} > 0 ? 0 : {string.Join(" + ", Lanes.Select(lane => NameOf(index, lane)))}");

        ScaledObjectTrigger Trigger(string type, string name, Dictionary<string, string> metadata)
        {
            metadata["address"] = redis.Address;
            metadata["databaseIndex"] = redis.Database.ToString(CultureInfo.InvariantCulture);
            if (redis.Tls)
                metadata["enableTLS"] = "true";
            return new() { Type = type, Name = name, Metadata = metadata, AuthenticationRef = authentication };
        }
    }

    private static QueueTriggers Raw(KedaTriggerSpec trigger, int index)
    {
        var name = FormattableString.Invariant($"q{index}");
        return new(
            [
                new ScaledObjectTrigger
                {
                    Type = trigger.Type,
                    Name = name,
                    MetricType = trigger.MetricType,
                    Metadata = trigger.Metadata ?? [],
                    AuthenticationRef = trigger.AuthenticationRef,
                },
            ],
            name);
    }

    private static string NameOf(int index, Lane lane) => FormattableString.Invariant($"q{index}_{lane.ToString().ToLowerInvariant()}");

    private static string Paused(int index) => FormattableString.Invariant($"q{index}_paused");
}
