namespace K8sQueue.Core.Queues;

/// <summary>What bounds the starts of a queue's jobs, over all workers together.</summary>
public sealed record QueueLimits
{
    /// <summary>The largest number of jobs in any limit.</summary>
    public const int MaxJobs = 1_000_000;

    /// <summary>No bounds.</summary>
    public static readonly QueueLimits None = new();

    /// <summary>How many may start in how long; null for no bound.</summary>
    public QueueRate? Rate { get; init; }

    /// <summary>The most jobs that run at once, 1 to <see cref="MaxJobs"/>; null for no bound.</summary>
    public int? Concurrency { get; init; }

    /// <exception cref="ArgumentException">A value is out of its range; the message names it.</exception>
    public void ThrowIfInvalid()
    {
        Rate?.ThrowIfInvalid();
        if (Concurrency is < 1 or > MaxJobs)
            throw new ArgumentException($"The concurrency must be 1 to {MaxJobs}, not {Concurrency}.");
    }
}

/// <summary>
/// How many jobs may start in how long: a token bucket. In any time as long as the period no more start than <paramref name="Jobs"/> and
/// <see cref="Burst"/> together, and over a long time no more than <paramref name="Jobs"/> a period.
/// </summary>
/// <param name="Jobs">Jobs, 1 to <see cref="QueueLimits.MaxJobs"/>.</param>
/// <param name="Period">In how long: 1 ms to 24 hours, in whole milliseconds.</param>
public sealed record QueueRate(int Jobs, TimeSpan Period)
{
    /// <summary>The longest period.</summary>
    public static readonly TimeSpan MaxPeriod = TimeSpan.FromHours(24);

    /// <summary>How many may start at once after a quiet time, 1 to <see cref="QueueLimits.MaxJobs"/>. The default value is that of one period.</summary>
    public int Burst { get; init; } = Jobs;

    internal void ThrowIfInvalid()
    {
        if (Jobs is < 1 or > QueueLimits.MaxJobs)
            throw new ArgumentException($"The rate must be 1 to {QueueLimits.MaxJobs} jobs, not {Jobs}.");
        if (Burst is < 1 or > QueueLimits.MaxJobs)
            throw new ArgumentException($"The burst must be 1 to {QueueLimits.MaxJobs} jobs, not {Burst}.");
        if (Period < TimeSpan.FromMilliseconds(1) || Period > MaxPeriod || Period.Ticks % TimeSpan.TicksPerMillisecond != 0)
            throw new ArgumentException($"The period must be 1 ms to {MaxPeriod.TotalHours:0} h, in whole milliseconds, not {Period}.");
    }
}

/// <summary>What holds jobs that wait, though a consumer would take them.</summary>
public enum QueueHold
{
    None = 0,

    /// <summary>As many have started as their queue's rate allows now.</summary>
    Rate = 1,

    /// <summary>As many run as their queue allows at once.</summary>
    Concurrency = 2,
}
