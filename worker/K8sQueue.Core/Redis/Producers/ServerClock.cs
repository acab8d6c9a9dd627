using System.Buffers.Text;
using K8sQueue.Core.Redis.Resp;

namespace K8sQueue.Core.Redis.Producers;

/// <summary>
/// The server's clock as this process knows it: what the server said last, and the time that passed here since its word came. So it is
/// behind the server by no more than that word took to come, and ahead by no more than two clocks part in a minute; what the clock of this
/// machine says does not matter.
/// </summary>
internal sealed class ServerClock(TimeProvider time)
{
    private static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(1);

    private Sample? _last;

    /// <summary>The server's milliseconds; null where its last word is too old, or none has come.</summary>
    public long? Now
    {
        get
        {
            if (Volatile.Read(ref _last) is not { } last)
                return null;
            var passed = time.GetElapsedTime(last.At);
            return passed > LongestSilence ? null : last.Milliseconds + (long)passed.TotalMilliseconds;
        }
    }

    /// <summary>By how much the server's clock is ahead of this machine's; zero where the server's last word is too old, or none has come.</summary>
    public TimeSpan Ahead => Now is { } now ? DateTimeOffset.FromUnixTimeMilliseconds(now) - time.GetUtcNow() : TimeSpan.Zero;

    /// <summary>Takes the server's answer to TIME, which has just come and is next in <paramref name="reply"/>.</summary>
    /// <exception cref="RespException">It is an error.</exception>
    public long Heard(ref RespReader reply)
    {
        if (reply.TryReadError(out var error))
            throw new RespException(error);
        _ = reply.ReadArray();
        return Heard(reply.ReadBulk(), reply.ReadBulk());
    }

    /// <inheritdoc cref="Heard(ref RespReader)"/>
    public long Heard(RespValue reply) =>
        reply.Error is { } error ? throw new RespException(error) : Heard(reply.Items![0].Bytes, reply.Items[1].Bytes);

    private long Heard(ReadOnlySpan<byte> seconds, ReadOnlySpan<byte> microseconds)
    {
        _ = Utf8Parser.TryParse(seconds, out long whole, out _);
        _ = Utf8Parser.TryParse(microseconds, out long part, out _);
        var now = (whole * 1000) + (part / 1000);
        Volatile.Write(ref _last, new Sample(now, time.GetTimestamp()));
        return now;
    }

    private sealed record Sample(long Milliseconds, long At);
}
