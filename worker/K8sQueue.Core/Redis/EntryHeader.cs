using System.Globalization;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Redis;

/// <summary>
/// The header of an entry, the field <c>h</c> beside the payload <c>p</c>. Two fields, since every field of every entry passes
/// through a script:
/// <c>1;&lt;ulid&gt;;&lt;attempt&gt;;&lt;crashes&gt;;&lt;epoch&gt;;&lt;enqueued at&gt;;&lt;lane&gt;;&lt;retry&gt;;&lt;timeout&gt;;&lt;trace&gt;;&lt;more&gt;;&lt;type&gt;</c>.
/// Times are milliseconds; the type comes last, since only it may hold a semicolon.
/// </summary>
internal static class EntryHeader
{
    private const char Separator = ';';
    private const string FormatVersion = "1";
    private const int Parts = 12;

    // The jobs of a queue are mostly of a few types, one after the other of the same.
    private static string _lastType = "";

    /// <summary>The part of a new job up to the time, which the broker writes.</summary>
    public static string Head(JobId id) => string.Concat($"{FormatVersion};", id.UlidSpan, ";1;0;1;");

    /// <summary>The part behind the time.</summary>
    public static string Tail(JobRequest job)
    {
        var timeout = job.Timeout is { } span ? Milliseconds(span).ToString(CultureInfo.InvariantCulture) : "";
        return string.Concat(
            [";", Letter(job.Lane), ";", RetryPolicyText.Format(job.Retry), ";", timeout, ";", job.TraceParent ?? "", ";", JobTraitsText.Format(job.Traits), ";", job.Type]);
    }

    /// <summary>Reads a header; null where it is not one.</summary>
    public static JobEnvelope? TryParse(string queue, ReadOnlySpan<char> header, ReadOnlyMemory<byte> payload)
    {
        Span<Range> ranges = stackalloc Range[Parts];
        if (header.Split(ranges, Separator) != Parts || header[ranges[0]] is not FormatVersion)
            return null;
        if (!JobId.TryCreate(queue, header[ranges[1]], out var id)
            || !TryNumber(header[ranges[2]], out var attempt) || attempt is < 1 or > int.MaxValue
            || !TryNumber(header[ranges[3]], out var crashes) || crashes > int.MaxValue
            || !TryNumber(header[ranges[4]], out var epoch)
            || !TryNumber(header[ranges[5]], out var enqueuedAt) || enqueuedAt > 253402300799999
            || !TryLane(header[ranges[6]], out var lane)
            || !RetryPolicyText.TryParse(header[ranges[7]], out var retry))
        {
            return null;
        }

        TimeSpan? timeout = null;
        if (!header[ranges[8]].IsEmpty)
        {
            if (!TryNumber(header[ranges[8]], out var milliseconds) || milliseconds > JobLimits.MaxDelay.TotalMilliseconds)
                return null;
            timeout = TimeSpan.FromMilliseconds(milliseconds);
        }

        return new JobEnvelope
        {
            Id = id,
            Attempt = (int)attempt,
            Crashes = (int)crashes,
            Epoch = epoch,
            EnqueuedAt = DateTimeOffset.FromUnixTimeMilliseconds(enqueuedAt),
            Lane = lane,
            Retry = retry,
            Timeout = timeout,
            TraceParent = header[ranges[9]].IsEmpty ? null : header[ranges[9]].ToString(),
            Traits = JobTraitsText.Parse(header[ranges[10]]),
            Type = TypeText(header[ranges[11]]),
            Payload = payload,
        };
    }

    private static string TypeText(ReadOnlySpan<char> text)
    {
        var last = Volatile.Read(ref _lastType);
        if (text.SequenceEqual(last))
            return last;
        Volatile.Write(ref _lastType, last = text.ToString());
        return last;
    }

    /// <summary>Whole milliseconds, rounded up: a delay is never cut short, and a small one not lost.</summary>
    public static long Milliseconds(TimeSpan span) =>
        (span.Ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond;

    private static bool TryNumber(ReadOnlySpan<char> text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static string Letter(Lane lane) => lane switch { Lane.High => "h", Lane.Low => "l", _ => "n" };

    private static bool TryLane(ReadOnlySpan<char> text, out Lane lane)
    {
        lane = text switch { "h" => Lane.High, "n" => Lane.Normal, "l" => Lane.Low, _ => Lane.Returned };
        return lane != Lane.Returned;
    }
}
