using System.Globalization;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Redis.Resp;

namespace K8sQueue.Core.Redis.Consumers;

/// <summary>The transaction that reads a lane with a plain command: MULTI, direct.lua, XREADGROUP, direct.lua again, EXEC.</summary>
internal static class DirectRead
{
    /// <summary>Replies of a transaction.</summary>
    public const int Replies = 5;

    private const int Queued = 4;
    private const int PausedCode = -1;

    /// <summary>Writes the transaction into a buffer that the caller disposes.</summary>
    public static RespBuffer Write(QueueHandle queue, Lane lane, string consumer, int wanted, Lane first)
    {
        var names = queue.Names;
        string[] keys =
        [
            names.LaneKey(lane), names.Statistics, names.Paused, names.Cancelled, names.Limits, names.Suspect,
            .. LaneOrder.From(first).TakeWhile(l => l != lane).Select(names.LaneKey),
        ];
        string[] script = ["EVAL", RedisScript.Direct.Text, Text(keys.Length), .. keys];
        var buffer = new RespBuffer((3 * RedisScript.Direct.Text.Length) + 1024);
        buffer.Command("MULTI");
        buffer.Command(script);
        buffer.Command("XREADGROUP", "GROUP", RedisKeys.Group, consumer, "COUNT", Text(wanted), "STREAMS", names.LaneKey(lane), ">");
        buffer.Command([.. script, consumer]);
        buffer.Command("EXEC");
        return buffer;
    }

    /// <summary>Reads the server's answers.</summary>
    /// <exception cref="RespException">The server refused; nothing was taken, or nobody knows of it.</exception>
    public static FetchReply Read(string queue, Lane lane, RespReader replies)
    {
        for (var i = 0; i < Queued; i++)
        {
            ThrowIfError(ref replies);
            replies.Skip();
        }

        ThrowIfError(ref replies);
        if (replies.ReadArray() < 0)
            throw new RespException("The transaction was given up, though it watches nothing.");
        ThrowIfError(ref replies);
        replies.Skip();
        var taken = replies.TryReadError(out _) ? [] : ReadStream(queue, lane, ref replies);
        ThrowIfError(ref replies);
        return replies.ReadInteger() switch
        {
            PausedCode => new FetchReply(FetchState.Paused, []),
            < 0 => new FetchReply(FetchState.Refused, []),
            _ => new FetchReply(FetchState.Open, taken),
        };
    }

    private static List<TakenEntry> ReadStream(string queue, Lane lane, ref RespReader replies)
    {
        if (replies.ReadArray() < 1)
            return [];
        _ = replies.ReadArray();
        replies.Skip();
        var count = replies.ReadArray();
        var taken = new List<TakenEntry>(count);
        for (var i = 0; i < count; i++)
            taken.Add(EntryParser.Read(queue, lane, ref replies));
        return taken;
    }

    private static void ThrowIfError(ref RespReader replies)
    {
        if (replies.TryReadError(out var error))
            throw new RespException(error);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
