using System.Globalization;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Redis;

/// <summary>
/// A retry policy within a header: <c>&lt;attempts&gt;&lt;f|e&gt;&lt;delay&gt;,&lt;longest delay&gt;,&lt;jitter in thousandths&gt;</c>, delays in
/// milliseconds; <c>&lt;attempts&gt;c&lt;jitter in thousandths&gt;,&lt;delay&gt;,&lt;delay&gt;...</c> for a custom backoff; or empty for the policy that
/// layout 1 takes as the default.
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
        if (policy.Backoff == BackoffKind.Custom)
        {
            var delays = string.Join(',', policy.Delays.Select(d => EntryHeader.Milliseconds(d).ToString(CultureInfo.InvariantCulture)));
            return string.Create(CultureInfo.InvariantCulture, $"{policy.MaxAttempts}c{Math.Round(policy.Jitter * 1000)},{delays}");
        }

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

        var kind = text.IndexOfAny('f', 'e', 'c');
        if (kind < 1 || !TryNumber(text[..kind], out var attempts) || !TryNumbers(text[(kind + 1)..], out var numbers)
            || (text[kind] == 'c' ? numbers.Count < 2 : numbers.Count != 3))
        {
            return false;
        }

        policy = new RetryPolicy { MaxAttempts = (int)Math.Min(attempts, int.MaxValue) };
        policy = text[kind] == 'c'
            ? policy with { Backoff = BackoffKind.Custom, Jitter = Share(numbers[0]), Delays = [.. numbers.Skip(1).Select(Span)] }
            : policy with
            {
                Backoff = text[kind] == 'f' ? BackoffKind.Fixed : BackoffKind.Exponential,
                Delay = Span(numbers[0]),
                MaxDelay = Span(numbers[1]),
                Jitter = Share(numbers[2]),
            };
        Volatile.Write(ref _last, Tuple.Create(text.ToString(), policy));
        return true;
    }

    private static bool TryNumbers(ReadOnlySpan<char> text, out List<long> numbers)
    {
        numbers = [];
        foreach (var range in text.Split(','))
        {
            if (!TryNumber(text[range], out var number))
                return false;
            numbers.Add(number);
        }

        return true;
    }

    private static double Share(long thousandths) => Math.Min(thousandths, 1000) / 1000d;

    private static TimeSpan Span(long milliseconds) => TimeSpan.FromMilliseconds(Math.Min(milliseconds, TimeSpan.MaxValue.Ticks / 20000));

    private static bool TryNumber(ReadOnlySpan<char> text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
