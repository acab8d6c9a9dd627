using System.Globalization;
using K8sQueue.Core.Batches;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Core.Redis;

/// <summary>
/// A job's traits within a header: <c>&lt;letter&gt;=&lt;value&gt;</c>, separated by commas. Keys and tags are percent-encoded.
/// <c>d=&lt;ms&gt;:&lt;key&gt;</c> deduplication for a window; <c>u=&lt;ms or nothing&gt;:&lt;key&gt;</c> until the job is done;
/// <c>k=&lt;limit&gt;:&lt;key&gt;</c> concurrency; <c>g=&lt;tag&gt;|&lt;tag&gt;</c> tags; <c>r=&lt;ms&gt;</c> retention of the record;
/// <c>c=&lt;schedule&gt;@&lt;ms&gt;</c> which start of which schedule; <c>b=&lt;batch&gt;</c> the batch that it belongs to;
/// <c>o=&lt;batch&gt;</c> the batch whose end enqueued it; <c>s=&lt;bytes&gt;</c> the payload is in a key of its own;
/// <c>z=&lt;bytes&gt;</c> it is compressed (gzip), and had so many bytes before.
/// A program leaves out letters that it does not know.
/// </summary>
internal static class JobTraitsText
{
    private const char Separator = ',';
    private const long MaxTime = 253402300799999;

    public static string Format(JobTraits? traits)
    {
        if (traits is null)
            return "";
        var parts = new List<string>();
        if (traits.Deduplication is { } deduplication)
        {
            var window = deduplication.Window is { } span ? Number(EntryHeader.Milliseconds(span)) : "";
            parts.Add($"{(deduplication.UntilDone ? 'u' : 'd')}={window}:{Uri.EscapeDataString(deduplication.Key)}");
        }

        if (traits.Concurrency is { } concurrency)
            parts.Add($"k={Number(concurrency.Limit)}:{Uri.EscapeDataString(concurrency.Key)}");
        if (traits.Tags.Count > 0)
            parts.Add($"g={string.Join('|', traits.Tags.Select(Uri.EscapeDataString))}");
        if (traits.Retention is { } retention)
            parts.Add($"r={Number(EntryHeader.Milliseconds(retention))}");
        if (traits.ScheduledRun is { } run)
            parts.Add($"c={run.Schedule}@{Number(run.At.ToUnixTimeMilliseconds())}");
        if (traits.MemberOf is { } batch)
            parts.Add($"b={batch}");
        if (traits.CallbackOf is { } ended)
            parts.Add($"o={ended}");
        if (traits.Stored?.ApartBytes is { } apart)
            parts.Add($"s={Number(apart)}");
        if (traits.Stored?.OriginalBytes is { } original)
            parts.Add($"z={Number(original)}");
        return string.Join(Separator, parts);
    }

    /// <summary>Reads traits; null where there are none that this program knows. What can't be read is left out: the scripts go by the text.</summary>
    public static JobTraits? Parse(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
            return null;
        var traits = new JobTraits();
        foreach (var range in text.Split(Separator))
        {
            if (text[range] is [var letter, '=', .. var value])
                traits = Read(traits, letter, value);
        }

        return traits;
    }

    private static JobTraits Read(JobTraits traits, char letter, ReadOnlySpan<char> value)
    {
        switch (letter)
        {
            case 'd' or 'u' when TrySplit(value, out var number, out var key):
                var window = number is { } ms ? TimeSpan.FromMilliseconds(ms) : (TimeSpan?)null;
                return traits with { Deduplication = new JobDeduplication(key, window, letter == 'u') };
            case 'k' when TrySplit(value, out var limit, out var key) && limit is > 0 and <= int.MaxValue:
                return traits with { Concurrency = new JobConcurrency(key, (int)limit) };
            case 'g':
                return traits with { Tags = [.. value.ToString().Split('|').Select(Uri.UnescapeDataString)] };
            case 'r' when TryNumber(value, out var retention):
                return traits with { Retention = TimeSpan.FromMilliseconds(retention) };
            case 'c' when value.LastIndexOf('@') is > 0 and var at && TryNumber(value[(at + 1)..], out var due) && due <= MaxTime:
                return traits with { ScheduledRun = new ScheduledRun(value[..at].ToString(), DateTimeOffset.FromUnixTimeMilliseconds(due)) };
            case 'b' when BatchId.TryParse(value.ToString(), out var batch):
                return traits with { MemberOf = batch };
            case 'o' when BatchId.TryParse(value.ToString(), out var ended):
                return traits with { CallbackOf = ended };
            case 's' when TryNumber(value, out var bytes) && bytes <= int.MaxValue:
                return traits with { Stored = new StoredPayload((int)bytes, traits.Stored?.OriginalBytes) };
            case 'z' when TryNumber(value, out var bytes) && bytes <= int.MaxValue:
                return traits with { Stored = new StoredPayload(traits.Stored?.ApartBytes, (int)bytes) };
            default:
                return traits;
        }
    }

    private static bool TrySplit(ReadOnlySpan<char> value, out long? number, out string key)
    {
        var colon = value.IndexOf(':');
        (number, key) = (null, "");
        if (colon < 0 || colon == value.Length - 1)
            return false;
        if (colon > 0)
        {
            if (!TryNumber(value[..colon], out var found))
                return false;
            number = found;
        }

        key = Uri.UnescapeDataString(value[(colon + 1)..]);
        return true;
    }

    // No more than a span of time holds.
    private static bool TryNumber(ReadOnlySpan<char> text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= TimeSpan.MaxValue.TotalMilliseconds / 2;

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
