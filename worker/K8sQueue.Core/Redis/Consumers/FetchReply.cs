using K8sQueue.Core.Jobs;
using K8sQueue.Core.Redis.Resp;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis.Consumers;

/// <summary>What a fetch found a queue to be.</summary>
internal enum FetchState
{
    Open = 0,
    Paused = 1,
    NoGroup = 2,

    /// <summary>A direct read was taken back, since another lane goes first, or could not be made.</summary>
    Refused = 3,
}

/// <summary>An entry as the server gave it; its fields are null where it was deleted.</summary>
internal readonly record struct TakenEntry(string Id, RedisValue[]? Fields);

/// <summary>What a fetch took, by lane.</summary>
internal sealed record FetchReply(FetchState State, IReadOnlyList<(Lane Lane, TakenEntry[] Entries)> Taken)
{
    private const int PausedCode = -1;

    /// <summary>Reads the answer of fetch.lua.</summary>
    public static FetchReply OfScript(RedisResult reply)
    {
        var parts = (RedisResult[])reply!;
        var taken = new (Lane, TakenEntry[])[parts.Length / 2];
        for (var i = 0; i < taken.Length; i++)
            taken[i] = ((Lane)((int)parts[(2 * i) + 1] - 1), Entries(parts[(2 * i) + 2]));
        return new FetchReply((FetchState)(int)parts[0], taken);
    }

    /// <summary>Reads the answer of fetch.lua as a socket of ours gives it.</summary>
    public static FetchReply OfScript(RespValue reply)
    {
        var parts = reply.Items!;
        var taken = new (Lane, TakenEntry[])[parts.Length / 2];
        for (var i = 0; i < taken.Length; i++)
            taken[i] = ((Lane)(parts[(2 * i) + 1].Integer - 1), Array.ConvertAll(parts[(2 * i) + 2].Items!, Entry));
        return new FetchReply((FetchState)parts[0].Integer, taken);
    }

    /// <summary>Reads the answers to direct.lua, XREADGROUP and direct.lua again.</summary>
    public static FetchReply OfTransaction(Lane lane, RedisResult[] replies)
    {
        var count = (int)replies[2];
        if (count < 0)
            return new FetchReply(count == PausedCode ? FetchState.Paused : FetchState.Refused, []);
        if (count == 0)
            return new FetchReply(FetchState.Open, []);
        var stream = (RedisResult[])((RedisResult[])replies[1]!)[0]!;
        return new FetchReply(FetchState.Open, [(lane, Entries(stream[1]))]);
    }

    private static TakenEntry[] Entries(RedisResult entries) => Array.ConvertAll((RedisResult[])entries!, static entry =>
    {
        var pair = (RedisResult[])entry!;
        return new TakenEntry((string)pair[0]!, (RedisValue[]?)pair[1]);
    });

    private static TakenEntry Entry(RespValue entry) => new(
        entry.Items![0].Text,
        entry.Items[1].Items is { } fields ? Array.ConvertAll(fields, static field => (RedisValue)field.Bytes) : null);
}
