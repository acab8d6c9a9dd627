using StackExchange.Redis;

namespace K8sQueue.Core.Redis;

/// <summary>A queue's keys in the form that scripts take them.</summary>
internal sealed class QueueHandle
{
    public QueueHandle(string name)
    {
        Names = new RedisKeys(name);
        KeyNames =
        [
            .. Names.Lanes, Names.Version, Names.Delayed, Names.DelayedJobs, Names.Dead, Names.DeadJobs, Names.Paused,
            Names.Consumers, Names.Statistics, Names.Reaper, Names.JobPrefix,
        ];
        Keys = Array.ConvertAll(KeyNames, n => (RedisKey)n);
    }

    public string Name => Names.Queue;

    public RedisKeys Names { get; }

    /// <summary>In the order of prelude.lua.</summary>
    public string[] KeyNames { get; }

    /// <inheritdoc cref="KeyNames"/>
    public RedisKey[] Keys { get; }

    /// <summary>The connection over which the registry was last told of this queue; -1 for none.</summary>
    public int RegisteredGeneration { get; set; } = -1;
}
