using System.Globalization;
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

    /// <summary>Takes the server's answer to TIME, which has just come.</summary>
    public void Heard(RespValue reply)
    {
        var (seconds, microseconds) = (Number(reply.Items![0]), Number(reply.Items[1]));
        Volatile.Write(ref _last, new Sample((seconds * 1000) + (microseconds / 1000), time.GetTimestamp()));
    }

    private static long Number(RespValue text) => long.Parse(text.Text, CultureInfo.InvariantCulture);

    private sealed record Sample(long Milliseconds, long At);
}
