namespace K8sQueue.Core.Jobs;

/// <summary>How the delay between attempts grows.</summary>
public enum BackoffKind
{
    /// <summary>The same delay each time.</summary>
    Fixed,

    /// <summary>The delay doubles each time.</summary>
    Exponential,

    /// <summary>The delays of <see cref="RetryPolicy.Delays"/>, one after the other; the last one repeats.</summary>
    Custom,
}

/// <summary>When a job that failed runs again, and how often.</summary>
public sealed record RetryPolicy
{
    /// <summary>What a job has that asks for nothing else.</summary>
    public static readonly RetryPolicy Default = new();

    /// <summary>The most delays of a custom backoff.</summary>
    public const int MaxDelays = 32;

    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    /// <summary>Attempts in all, the first one counted. The default value is 5. At least 1.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>How the delay grows. The default value is <see cref="BackoffKind.Exponential"/>.</summary>
    public BackoffKind Backoff { get; init; } = BackoffKind.Exponential;

    /// <summary>The delay after the first failure. The default value is 1 second.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The delays of <see cref="BackoffKind.Custom"/>: 1 to <see cref="MaxDelays"/>; none otherwise.</summary>
    public IReadOnlyList<TimeSpan> Delays { get; init; } = [];

    /// <summary>The longest delay. The default value is 15 minutes.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// The share of the delay that is random, 0 to 1: with 0.2 a delay of 10 s becomes 8 to 12 s. The default value is 0.2.
    /// </summary>
    public double Jitter { get; init; } = 0.2;

    /// <summary>
    /// The delay after <paramref name="attempt"/> (1 for the first) failed.
    /// </summary>
    /// <param name="attempt">The attempt that failed, from 1.</param>
    /// <param name="random">A number from 0 (inclusive) to 1 (exclusive) that places the delay within its jitter.</param>
    public TimeSpan DelayAfter(int attempt, double random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
        double longest = Backoff == BackoffKind.Custom ? Longest.Ticks : MaxDelay.Ticks;
        var ticks = Backoff switch
        {
            BackoffKind.Fixed => Delay.Ticks,
            BackoffKind.Custom => Delays[Math.Min(attempt, Delays.Count) - 1].Ticks,
            _ => Delay.Ticks * Math.Pow(2, Math.Min(attempt - 1, 62)),
        };
        ticks = Math.Min(ticks, longest) * (1 + (Jitter * ((2 * random) - 1)));
        return TimeSpan.FromTicks((long)Math.Clamp(ticks, 0, longest));
    }

    /// <exception cref="ArgumentException">A value is out of its range; the message names it.</exception>
    public void ThrowIfInvalid()
    {
        if (MaxAttempts is < 1 or > 1000)
            throw new ArgumentException($"maxAttempts must be 1 to 1000, not {MaxAttempts}.");
        if (Delay < TimeSpan.Zero || Delay > Longest)
            throw new ArgumentException($"The retry delay must be 0 to 365 days, not {Delay}.");
        if (Delays is null || (Backoff == BackoffKind.Custom) != Delays.Count is > 0 and <= MaxDelays || Delays.Any(d => d < TimeSpan.Zero || d > Longest))
            throw new ArgumentException($"A custom backoff, and no other, has 1 to {MaxDelays} delays of 0 to 365 days.");
        if (MaxDelay < Delay)
            throw new ArgumentException($"The longest retry delay ({MaxDelay}) must not be below the first ({Delay}).");
        if (Jitter is not (>= 0 and <= 1))
            throw new ArgumentException($"jitter must be 0 to 1, not {Jitter}.");
    }
}
