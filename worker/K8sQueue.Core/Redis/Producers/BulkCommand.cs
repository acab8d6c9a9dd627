using System.Globalization;
using System.Text;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Redis.Resp;

namespace K8sQueue.Core.Redis.Producers;

/// <summary>
/// The transaction that adds jobs which differ by id and payload only: MULTI, TIME, an XADD a job, bulk.lua, EXEC. The XADDs are plain
/// commands, since a script costs the server half as much again; so the header's time is the producer's word, by <see cref="ServerClock"/>.
/// </summary>
internal static class BulkCommand
{
    /// <summary>Replies beside one for each job.</summary>
    public const int OtherReplies = 4;

    private const int BytesPerJob = 256;

    private static readonly byte[] Opening = "*1\r\n$5\r\nMULTI\r\n*1\r\n$4\r\nTIME\r\n"u8.ToArray();
    private static readonly byte[] Closing = "*1\r\n$4\r\nEXEC\r\n"u8.ToArray();

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

        WriteScript(buffer, queue, first.Lane, part.Count);
        buffer.Raw(Closing);
        return buffer;
    }

    /// <summary>Reads the answers to the transaction; the first error is the one that says why.</summary>
    public static AddReply Read(RespReader replies, int jobs, ServerClock clock)
    {
        for (var i = 0; i < jobs + OtherReplies; i++)
        {
            if (replies.TryReadError(out var error))
                return new AddReply(error, Added: null);
            if (i < jobs + OtherReplies - 1)
                replies.Skip();
        }

        _ = replies.ReadArray();
        clock.Heard(ref replies);
        for (var i = 0; i < jobs; i++)
            replies.Skip();
        return AddReply.Read(ref replies);
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

    private static void WriteScript(RespBuffer buffer, QueueHandle queue, Lane lane, int jobs)
    {
        buffer.Command(
        [
            "EVAL", RedisScript.Bulk.Text, queue.KeyNames.Length.ToString(CultureInfo.InvariantCulture), .. queue.KeyNames,
            RedisServices.LayoutVersion, ((int)lane + 1).ToString(CultureInfo.InvariantCulture), jobs.ToString(CultureInfo.InvariantCulture),
        ]);
    }
}
