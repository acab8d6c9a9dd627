using System.Globalization;
using System.Text;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Redis.Resp;

namespace K8sQueue.Core.Redis.Consumers;

/// <summary>Reads an entry as the server gives it.</summary>
internal static class EntryParser
{
    private const int StackChars = 512;
    private const int FieldsAndValues = 4;
    private static readonly long LastMillisecond = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>The entry of fields and values.</summary>
    public static TakenEntry Parse(string queue, Lane lane, string id, byte[][] fields)
    {
        if (fields is not [[(byte)'h'], var header, [(byte)'p'], var payload])
            return new TakenEntry(lane, id, Job: null, Header: null);
        return Parse(queue, lane, id, header, payload);
    }

    /// <summary>The next entry of a reply, whose bytes are copied no more than once.</summary>
    public static TakenEntry Read(string queue, Lane lane, ref RespReader reply)
    {
        _ = reply.ReadArray();
        var id = Encoding.ASCII.GetString(reply.ReadBulk());
        var parts = reply.ReadArray();
        if (parts != FieldsAndValues)
        {
            for (var i = 0; i < parts; i++)
                reply.Skip();
            return new TakenEntry(lane, id, Job: null, Header: null);
        }

        var isHeader = reply.ReadBulk().SequenceEqual("h"u8);
        var header = reply.ReadBulk();
        var isPayload = reply.ReadBulk().SequenceEqual("p"u8);
        var payload = reply.ReadBulk();
        return isHeader && isPayload
            ? Parse(queue, lane, id, header, payload.ToArray())
            : new TakenEntry(lane, id, Job: null, Header: null);
    }

    /// <summary>When the server added an entry, which its id begins with; null where it is not one of ours.</summary>
    public static DateTimeOffset? TimeOf(string id)
    {
        var digits = id.AsSpan(0, Math.Max(0, id.IndexOf('-', StringComparison.Ordinal)));
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds <= LastMillisecond
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : null;
    }

    private static TakenEntry Parse(string queue, Lane lane, string id, ReadOnlySpan<byte> header, byte[] payload)
    {
        Span<char> text = header.Length <= StackChars ? stackalloc char[StackChars] : new char[header.Length];
        text = text[..Encoding.UTF8.GetChars(header, text)];
        var job = EntryHeader.TryParse(queue, text, payload);
        return new TakenEntry(lane, id, job, job is { Id.IsTracked: true } ? header.ToArray() : null);
    }
}
