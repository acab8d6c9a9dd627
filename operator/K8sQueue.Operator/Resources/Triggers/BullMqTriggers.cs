using System.Globalization;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Queues;

namespace K8sQueue.Operator.Resources.Triggers;

/// <summary>
/// <c>wait</c>, <c>prioritized</c> and <c>active</c>; delayed jobs do not count, and while the queue is paused only active ones do.
/// BullMQ's pause sets a field of the hash <c>meta</c> and takes the member away from the sorted set <c>marker</c>, which workers wait on
/// (src/commands/pause-7.lua, 6.2 and 6.7); version 5 moves <c>wait</c> to <c>paused</c> besides. KEDA can't read a field, only how many there are.
/// </summary>
internal static class BullMqTriggers
{
    /// <summary><c>opts.maxLenEvents</c> and <c>version</c>, which a Queue writes when it is made.</summary>
    private const int UsualMetaFields = 2;

    public static QueueTriggers Of(QueueSpec queue, BullMqQueueSpec spec, TriggerNames names)
    {
        var redis = new RedisTriggers(spec.Redis, QueueTriggers.PerReplica(queue));
        var fields = (spec.MetaFields ?? UsualMetaFields).ToString(CultureInfo.InvariantCulture);
        string[] parts = spec.MetaFields is null ? ["wait", "prioritized", "active", "meta", "marker"] : ["wait", "prioritized", "active", "meta"];

        // More fields may also be a limit on concurrency or rate, unless the pool says how many there are; without a marker nobody would wake.
        var paused = spec.MetaFields is null ? $"{names.Of("meta")} > {fields} && {names.Of("marker")} == 0" : $"{names.Of("meta")} > {fields}";
        var triggers = parts.Select(part => redis.Size(names.Of(part), $"{spec.Prefix}:{spec.Queue ?? queue.Name}:{part}")).ToList();
        var active = names.Of("active");
        return new(triggers, $"{paused} ? {active} : {names.Of("wait")} + {names.Of("prioritized")} + {active}", SignalCompleteness.Complete)
        {
            Authentication = redis.Authentication,
        };
    }
}
