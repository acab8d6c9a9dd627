using System.Globalization;
using K8sQueue.Core.Redis.Resp;

namespace K8sQueue.Core.Redis;

/// <summary>Asks a server how it is set up and how it fares, over one connection that is closed again at once.</summary>
public static class RedisInfoReader
{
    private const int KeysACall = 500;

    /// <summary>Whether it answers. Each step takes the options' time-out at most.</summary>
    /// <inheritdoc cref="RedisServerReader.ReadAsync" path="/exception"/>
    public static Task PingAsync(RedisQueueOptions options) => SingleUse.ConnectAsync(options, connection =>
    {
        var answer = connection.Call(options.OperationTimeout, "PING");
        return answer.Error is null ? true : throw new RespException(answer.Error);
    });

    /// <summary>Each step takes the options' time-out at most.</summary>
    /// <param name="options">The server.</param>
    /// <param name="keys">Keys to ask for; nothing is read of them.</param>
    /// <param name="time">The clock that the server's is compared with.</param>
    /// <inheritdoc cref="RedisServerReader.ReadAsync" path="/exception"/>
    public static Task<RedisServerInfo> ReadAsync(RedisQueueOptions options, IReadOnlyList<string>? keys = null, TimeProvider? time = null) =>
        SingleUse.ConnectAsync(options, connection => Read(connection, options.OperationTimeout, keys ?? [], time ?? TimeProvider.System));

    private static RedisServerInfo Read(RespConnection connection, TimeSpan timeout, IReadOnlyList<string> keys, TimeProvider time)
    {
        var info = connection.Call(timeout, "INFO");
        if (info.Error is { } refusal)
            throw new RespException(refusal);
        var values = RedisHealth.Parse(info.Text);
        var snapshots = connection.Call(timeout, "CONFIG", "GET", "save");
        var started = time.GetTimestamp();
        var clock = connection.Call(timeout, "TIME");
        var (roundTrip, now) = (time.GetElapsedTime(started), time.GetUtcNow());
        return new RedisServerInfo
        {
            Version = values.GetValueOrDefault("redis_version", ""),
            RunId = values.GetValueOrDefault("run_id", ""),
            EvictionPolicy = values.GetValueOrDefault("maxmemory_policy", ""),
            UsedMemory = Number(values, "used_memory"),
            MaxMemory = Number(values, "maxmemory"),
            AppendOnly = values.GetValueOrDefault("aof_enabled") == "1",
            Snapshots = snapshots.Items is [_, var save] ? save.Text : null,
            EvictedKeys = Number(values, "evicted_keys"),
            RejectedConnections = Number(values, "rejected_connections"),
            ConnectionsReceived = Number(values, "total_connections_received"),
            ConnectedClients = (int)Number(values, "connected_clients"),
            MaxClients = values.ContainsKey("maxclients") ? (int)Number(values, "maxclients") : null,
            ClockOffset = clock.Items is [var seconds, var micros]
                ? At(seconds.Text, micros.Text) - (now - (roundTrip / 2))
                : throw new RespException(clock.Error ?? "ERR no time"),
            RoundTrip = roundTrip,
            ExistingKeys = [.. keys.Chunk(KeysACall).SelectMany(chunk => Existing(connection, timeout, chunk))],
        };
    }

    private static IEnumerable<string> Existing(RespConnection connection, TimeSpan timeout, string[] keys)
    {
        object[][] commands = [.. keys.Select(key => new object[] { "EXISTS", key })];
        var answers = connection.Call(timeout, commands);
        return keys.Where((_, i) => answers[i].Integer == 1);
    }

    private static DateTimeOffset At(string seconds, string micros) => DateTimeOffset
        .FromUnixTimeSeconds(long.Parse(seconds, CultureInfo.InvariantCulture)).AddMicroseconds(int.Parse(micros, CultureInfo.InvariantCulture));

    private static long Number(IReadOnlyDictionary<string, string> values, string name) =>
        long.TryParse(values.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
