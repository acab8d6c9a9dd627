using System.Globalization;
using System.Text;
using K8sQueue.Core.Redis.Resp;
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
        KeyParts = Encode(KeyNames);
    }

    public string Name => Names.Queue;

    public RedisKeys Names { get; }

    /// <summary>In the order of prelude.lua.</summary>
    public string[] KeyNames { get; }

    /// <inheritdoc cref="KeyNames"/>
    public RedisKey[] Keys { get; }

    /// <summary>The number of keys and the keys as parts of a command.</summary>
    public byte[] KeyParts { get; }

    /// <summary>The connection over which the registry was last told of this queue; -1 for none.</summary>
    public int RegisteredGeneration { get; set; } = -1;

    private static byte[] Encode(string[] names)
    {
        using var buffer = new RespBuffer(1024);
        buffer.Part(Encoding.UTF8.GetBytes(names.Length.ToString(CultureInfo.InvariantCulture)));
        foreach (var name in names)
            buffer.Part(Encoding.UTF8.GetBytes(name));
        return buffer.Written.ToArray();
    }
}
