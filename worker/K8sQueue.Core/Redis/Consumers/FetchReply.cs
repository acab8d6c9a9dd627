using K8sQueue.Core.Jobs;
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

/// <summary>What a fetch took: the entries as the server gave them, by lane.</summary>
internal sealed record FetchReply(FetchState State, IReadOnlyList<(Lane Lane, RedisResult[] Entries)> Taken)
{
    private const int PausedCode = -1;

    /// <summary>Reads the answer of fetch.lua.</summary>
    public static FetchReply OfScript(RedisResult reply)
    {
        var parts = (RedisResult[])reply!;
        var taken = new (Lane, RedisResult[])[parts.Length / 2];
        for (var i = 0; i < taken.Length; i++)
            taken[i] = ((Lane)((int)parts[(2 * i) + 1] - 1), (RedisResult[])parts[(2 * i) + 2]!);
        return new FetchReply((FetchState)(int)parts[0], taken);
    }

    /// <summary>Reads the answers to direct.lua, XREADGROUP and direct.lua again.</summary>
    public static FetchReply OfTransaction(Lane lane, RedisResult[] replies)
    {
        var count = (int)replies[2];
        if (count < 0)
            return new FetchReply(count == PausedCode ? FetchState.Paused : FetchState.Refused, []);
        if (count == 0)
            return new FetchReply(FetchState.Open, []);
        var stream = ((RedisResult[])replies[1]!)[0];
        return new FetchReply(FetchState.Open, [(lane, (RedisResult[])((RedisResult[])stream!)[1]!)]);
    }
}
