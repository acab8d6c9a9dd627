using System.Globalization;
using System.Text;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Redis.Resp;

namespace K8sQueue.Core.Redis.Producers;

/// <summary>
/// The transaction that adds jobs which differ by id and payload only: MULTI, an XADD a job, bulk.lua, EXEC. The XADDs are plain
/// commands, since a script costs the server half as much again; so the header's time is the producer's word, by <see cref="ServerClock"/>.
/// Nobody needs their replies, which would cost it a tenth, so it is told to send none until EXEC; then bulk-word.lua reads what bulk.lua did.
/// </summary>
internal static class BulkCommand
{
    /// <summary>Replies: to what turns them on again, the word, what tells whose it is, TIME.</summary>
    public const int Replies = 4;

    private const int BytesPerJob = 256;

    private static readonly byte[] Opening = Commands(["CLIENT", "REPLY", "OFF"], ["MULTI"]);
    private static readonly byte[] Closing = Commands(["EXEC"], ["CLIENT", "REPLY", "ON"]);
    private static readonly byte[] Time = Commands(["TIME"]);

    /// <summary>Writes the transaction into a buffer that the caller disposes.</summary>
    public static RespBuffer Write(QueueHandle queue, IReadOnlyList<JobRequest> jobs, JobId[] ids, List<int> part, long now)
    {
        var first = jobs[part[0]];
        var lane = Encoding.UTF8.GetBytes(queue.Names.LaneKey(first.Lane));
        var tail = Encoding.UTF8.GetBytes(string.Concat(";1;0;1;", now.ToString(CultureInfo.InvariantCulture), EntryHeader.Tail(first)));
        var (before, behind) = Around(lane, tail);
        var buffer = new RespBuffer(part.Sum(i => jobs[i].Payload.Length) + (part.Count * (before.Length + behind.Length + BytesPerJob)));
        buffer.Raw(Opening);
        foreach (var i in part)
        {
            buffer.Raw(before);
            buffer.Raw(ids[i].UlidSpan);
            buffer.Raw(behind);
            buffer.Part(jobs[i].Payload.Span);
        }

        var last = ids[part[^1]];
        WriteScript(buffer, queue, first.Lane, part.Count, last);
        buffer.Raw(Closing);
        buffer.Command("EVAL", RedisScript.BulkWord.Text, "1", queue.Names.BulkKey(last));
        buffer.Command("ECHO", last.Ulid);
        buffer.Raw(Time);
        return buffer;
    }

    /// <summary>Reads the answers to the transaction; null where the server refused it, and added nothing.</summary>
    /// <param name="replies">As many as <see cref="Replies"/>.</param>
    /// <param name="last">The last job.</param>
    /// <param name="clock">Hears the server's time.</param>
    /// <exception cref="InvalidDataException">Replies could not be turned off or on: nobody knows whose they are.</exception>
    public static AddReply? Read(RespReader replies, JobId last, ServerClock clock)
    {
        if (replies.TryReadError(out var refusal))
            throw new InvalidDataException(refusal);
        replies.Skip();
        if (replies.TryReadError(out var error))
            return new AddReply(error, Added: null);
        var word = Encoding.UTF8.GetString(replies.ReadBulk());
        if (Encoding.ASCII.GetString(replies.ReadBulk()) != last.Ulid)
            throw new InvalidDataException("The server answered another call.");
        clock.Heard(ref replies);
        return word switch
        {
            "" => null,
            "0" or "1" => new AddReply(Error: null, Added.Of(fresh: word == "1")),
            _ => new AddReply(word, Added: null),
        };
    }

    // What stands before the id of each job's XADD, and between the id and the payload.
    private static (byte[] Before, byte[] Behind) Around(byte[] lane, byte[] tail)
    {
        using var before = new RespBuffer(BytesPerJob);
        before.Command(7);
        before.Part("XADD"u8);
        before.Part(lane);
        before.Part("*"u8);
        before.Part("h"u8);
        var header = Encoding.ASCII.GetBytes($"${2 + JobId.UlidLength + tail.Length}\r\n1;");
        before.Raw(header);
        using var behind = new RespBuffer(BytesPerJob);
        behind.Raw(tail);
        behind.Raw("\r\n"u8);
        behind.Part("p"u8);
        return (before.Written.ToArray(), behind.Written.ToArray());
    }

    private static void WriteScript(RespBuffer buffer, QueueHandle queue, Lane lane, int jobs, JobId last)
    {
        buffer.Command(
        [
            "EVAL", RedisScript.Bulk.Text, queue.KeyNames.Length.ToString(CultureInfo.InvariantCulture), .. queue.KeyNames,
            RedisServices.LayoutVersion, ((int)lane + 1).ToString(CultureInfo.InvariantCulture), jobs.ToString(CultureInfo.InvariantCulture), last.Ulid,
        ]);
    }

    private static byte[] Commands(params ReadOnlySpan<string[]> commands)
    {
        using var buffer = new RespBuffer(BytesPerJob);
        foreach (var command in commands)
            buffer.Command(command);
        return buffer.Written.ToArray();
    }
}
