namespace K8sQueue.Api.RateLimits;

/// <summary>A bucket of tokens: each request takes one.</summary>
/// <param name="Rate">Tokens that come in a second, 1 to <see cref="MaxRate"/>.</param>
/// <param name="Burst">How many it holds at most, 1 to <see cref="MaxBurst"/>: what is let through at once after a quiet time.</param>
internal sealed record RateLimit(int Rate, int Burst)
{
    public const int MaxRate = 1_000_000;
    public const int MaxBurst = 10_000_000;

    /// <summary>How many tokens a replica may hold unused: what comes in <see cref="LeaseRules.Span"/>, and one at least.</summary>
    public int MaxLease { get; } = (int)Math.Clamp(Math.Ceiling(Rate * LeaseRules.Span.TotalSeconds), 1, Burst);

    /// <summary>In how many seconds an empty bucket is full.</summary>
    public int FillSeconds { get; } = (int)Math.Ceiling((double)Burst / Rate);
}
