using System.Text;
using K8sQueue.Core.Jobs;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis.Consumers;

/// <summary>Reads an entry as the fetch script returns it.</summary>
internal static class EntryParser
{
    private const int StackChars = 512;

    /// <summary>The entry's job; null where the entry is not one of ours.</summary>
    public static JobEnvelope? TryParse(string queue, RedisValue[]? fields)
    {
        if (fields is not { Length: 4 } || !Is(fields[0], (byte)'h') || !Is(fields[2], (byte)'p'))
            return null;
        byte[] header = fields[1]!;
        if (header.Length > StackChars)
            return EntryHeader.TryParse(queue, Encoding.UTF8.GetString(header), (byte[])fields[3]!);
        Span<char> text = stackalloc char[header.Length];
        text = text[..Encoding.UTF8.GetChars(header, text)];
        return EntryHeader.TryParse(queue, text, (byte[])fields[3]!);
    }

    private static bool Is(RedisValue name, byte letter) => (byte[]?)name is [var first] && first == letter;
}
