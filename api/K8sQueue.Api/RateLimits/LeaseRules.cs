namespace K8sQueue.Api.RateLimits;

/// <summary>How many tokens are asked for, and when. Pure. docs/adr/0027-tokens-are-leased.md says why.</summary>
internal static class LeaseRules
{
    /// <summary>A lease is at most what the bucket gains in this time: so much more than the limit may be let through at once, by each replica.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromMilliseconds(100);

    /// <summary>Tokens that were not used for so long go back.</summary>
    public static readonly TimeSpan Lapse = TimeSpan.FromSeconds(1);

    /// <summary>An empty bucket is not asked again before this, however soon it has a token: refused requests must cost the cache nothing.</summary>
    public static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(25);

    /// <summary>
    /// The size of the next lease: twice the last one where that lasted for less than <see cref="Span"/>, half of it where it lasted for much longer.
    /// </summary>
    public static int NextSize(int size, TimeSpan sinceLast, RateLimit limit)
    {
        if (sinceLast <= Span)
            return Math.Min(size * 2, limit.MaxLease);
        return sinceLast <= Span * 4 ? size : Math.Max(1, size / 2);
    }

    /// <summary>Whether it is time to ask for more, while requests still take what is left.</summary>
    public static bool IsLow(int tokens, int size) => size > 1 && tokens <= size / 2;

    /// <summary>How many to ask for: what makes the lease whole, or more where more requests wait, which use them at once.</summary>
    public static int Wanted(int tokens, int size, int waiting, RateLimit limit) => Math.Clamp(Math.Max(size, waiting) - tokens, 1, limit.Burst);

    /// <summary>How long an empty bucket is left alone.</summary>
    public static TimeSpan Pause(TokenGrant grant) =>
        TimeSpan.FromTicks(Math.Max(TimeSpan.FromMilliseconds(grant.WaitMilliseconds).Ticks, LeastPause.Ticks));
}
