using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis.Resp;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis.Consumers;

/// <summary>What a fetch found a queue to be.</summary>
internal enum FetchState
{
    Open = 0,
    Paused = 1,
    NoGroup = 2,

    /// <summary>It has limits: it is never waited for, and the script alone reads it.</summary>
    Limited = 3,

    /// <summary>A direct read was taken back, since another lane goes first, or could not be made.</summary>
    Refused = 4,
}

/// <summary>An entry that a fetch took.</summary>
/// <param name="Lane">Its lane.</param>
/// <param name="Id">Its id.</param>
/// <param name="Job">Its job; null where it is not readable.</param>
/// <param name="Header">The header of a tracked job.</param>
internal readonly record struct TakenEntry(Lane Lane, string Id, JobEnvelope? Job, byte[]? Header);

/// <summary>What a fetch took.</summary>
internal sealed record FetchReply(FetchState State, IReadOnlyList<TakenEntry> Taken)
{
    // State, hold and time stand before the lanes.
    private const int FirstLane = 3;

    /// <summary>What holds the jobs that wait.</summary>
    public QueueHold Hold { get; init; }

    /// <summary>When the next of them may start; zero where that can't be told.</summary>
    public TimeSpan ComeAgain { get; init; }

    /// <summary>Reads the answer of fetch.lua.</summary>
    public static FetchReply OfScript(string queue, RedisResult reply)
    {
        var parts = (RedisResult[])reply!;
        var taken = new List<TakenEntry>();
        for (var i = FirstLane; i < parts.Length; i += 2)
        {
            var lane = (Lane)((int)parts[i] - 1);
            foreach (var entry in (RedisResult[])parts[i + 1]!)
            {
                var pair = (RedisResult[])entry!;
                taken.Add(EntryParser.Parse(queue, lane, (string)pair[0]!, Array.ConvertAll((RedisValue[]?)pair[1] ?? [], field => (byte[])field!)));
            }
        }

        return Of((int)parts[0], (int)parts[1], (long)parts[2], taken);
    }

    /// <summary>Reads the answer of fetch.lua as a socket of ours gives it.</summary>
    public static FetchReply OfScript(string queue, RespValue reply)
    {
        var parts = reply.Items!;
        var taken = new List<TakenEntry>();
        for (var i = FirstLane; i < parts.Length; i += 2)
        {
            var lane = (Lane)(parts[i].Integer - 1);
            foreach (var entry in parts[i + 1].Items!)
                taken.Add(EntryParser.Parse(queue, lane, entry.Items![0].Text, Array.ConvertAll(entry.Items[1].Items ?? [], field => field.Bytes!)));
        }

        return Of(parts[0].Integer, parts[1].Integer, parts[2].Integer, taken);
    }

    private static FetchReply Of(long state, long hold, long comeAgain, IReadOnlyList<TakenEntry> taken) => new((FetchState)state, taken)
    {
        Hold = (QueueHold)hold,
        ComeAgain = TimeSpan.FromMilliseconds(comeAgain),
    };
}
