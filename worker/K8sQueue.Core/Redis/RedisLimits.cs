using K8sQueue.Core.Queues;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis;

/// <summary>The limits of queues, as limits.lua keeps them and fetch.lua applies them.</summary>
internal sealed class RedisLimits(RedisServices services)
{
    public async Task SetAsync(string name, QueueLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        limits.ThrowIfInvalid();
        var queue = services.Peek(name);
        RedisValue[] rate = limits.Rate is { } r ? [r.Jobs, EntryHeader.Milliseconds(r.Period), r.Burst] : ["", "", ""];
        RedisValue concurrency = limits.Concurrency is { } most ? most : "";
        await services.Connection.EvaluateAsync(RedisScript.Limits, queue.Keys, [.. rate, concurrency]).ConfigureAwait(false);
    }

    public async Task<QueueLimits> GetAsync(string name)
    {
        var key = (RedisKey)services.Peek(name).Names.Limits;
        var fields = (RedisValue[])(await services.Connection.ExecuteAsync(
            "HMGET", key, "jobs", "period", "burst", "concurrency").ConfigureAwait(false))!;
        return new QueueLimits
        {
            Rate = fields[0].IsNull ? null : new QueueRate((int)fields[0], TimeSpan.FromMilliseconds((long)fields[1])) { Burst = (int)fields[2] },
            Concurrency = fields[3].IsNull ? null : (int)fields[3],
        };
    }
}
