using System.Globalization;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Redis;

/// <summary>
/// A retry policy within a header: <c>&lt;attempts&gt;&lt;f|e&gt;&lt;delay&gt;,&lt;longest delay&gt;,&lt;jitter in thousandths&gt;</c>, delays in
/// milliseconds, or empty for the policy that layout 1 takes as the default.
/// </summary>
internal static class RetryPolicyText
{
    // Part of the layout: it must not change where RetryPolicy.Default does.
    private static readonly RetryPolicy LayoutDefault = new()
    {
        MaxAttempts = 5,
        Backoff = BackoffKind.Exponential,
        Delay = TimeSpan.FromSeconds(1),
        MaxDelay = TimeSpan.FromMinutes(15),
        Jitter = 0.2,
    };

    // The jobs of a queue mostly share one policy, so the last one read is kept.
    private static Tuple<string, RetryPolicy> _last = Tuple.Create("", LayoutDefault);

    public static string Format(RetryPolicy policy)
    {
        if (policy == LayoutDefault)
            return "";
        var kind = policy.Backoff == BackoffKind.Fixed ? 'f' : 'e';
        var (delay, longest) = (EntryHeader.Milliseconds(policy.Delay), EntryHeader.Milliseconds(policy.MaxDelay));
        return string.Create(
            CultureInfo.InvariantCulture, $"{policy.MaxAttempts}{kind}{delay},{longest},{Math.Round(policy.Jitter * 1000)}");
    }

    public static bool TryParse(ReadOnlySpan<char> text, out RetryPolicy policy)
    {
        policy = LayoutDefault;
        if (text.IsEmpty)
            return true;
        var last = Volatile.Read(ref _last);
        if (text.SequenceEqual(last.Item1))
        {
            policy = last.Item2;
            return true;
        }

        Span<Range> parts = stackalloc Range[3];
        var kind = text.IndexOfAny('f', 'e');
        if (kind < 1 || text[(kind + 1)..].Split(parts, ',') != 3)
            return false;
        var numbers = text[(kind + 1)..];
        if (!TryNumber(text[..kind], out var attempts) || !TryNumber(numbers[parts[0]], out var delay)
            || !TryNumber(numbers[parts[1]], out var longest) || !TryNumber(numbers[parts[2]], out var jitter))
        {
            return false;
        }

        policy = new RetryPolicy
        {
            MaxAttempts = (int)Math.Min(attempts, int.MaxValue),
            Backoff = text[kind] == 'f' ? BackoffKind.Fixed : BackoffKind.Exponential,
            Delay = Span(delay),
            MaxDelay = Span(longest),
            Jitter = Math.Min(jitter, 1000) / 1000d,
        };
        Volatile.Write(ref _last, Tuple.Create(text.ToString(), policy));
        return true;
    }

    private static TimeSpan Span(long milliseconds) => TimeSpan.FromMilliseconds(Math.Min(milliseconds, TimeSpan.MaxValue.Ticks / 20000));

    private static bool TryNumber(ReadOnlySpan<char> text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
