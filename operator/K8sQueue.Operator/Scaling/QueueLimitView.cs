namespace K8sQueue.Operator.Scaling;

/// <summary>
/// What is known of a limit of the pool's queue that keeps every worker from the jobs that wait, so that more workers would only wait too.
/// All of it may be lost. Not thread-safe: a pool is reconciled by one at a time.
/// </summary>
internal sealed class QueueLimitView
{
    /// <summary>How often workers are asked while a limit is known.</summary>
    public static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(5);

    // A pool that grows step by step asks before each, but no more often.
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    // A worker that found a job a moment ago is held again the next.
    private static readonly TimeSpan Holds = TimeSpan.FromSeconds(20);

    private const string Rate = "RateLimit";
    private const string Concurrency = "ConcurrencyLimit";

    private (string Limit, TimeSpan At)? _seen;
    private TimeSpan? _askedAt;

    /// <summary>Counts the rounds, so that each asks others.</summary>
    public int Round { get; private set; }

    /// <summary>Whether it is what <see cref="Limit"/> says, as the status shows it.</summary>
    public static bool IsLimit(string? limitedBy) => limitedBy is Rate or Concurrency;

    public bool IsDue(TimeSpan clock) => _askedAt is not { } at || clock - at >= (Limit(clock) is null ? Shortest : AskInterval);

    /// <param name="blockedBy">What the workers that were asked say keeps them from jobs; null for nothing.</param>
    /// <param name="clock">A clock that only moves on.</param>
    public void Take(IEnumerable<string?> blockedBy, TimeSpan clock)
    {
        (_askedAt, Round) = (clock, Round + 1);
        foreach (var blocked in blockedBy)
        {
            // A worker's own limit ("rate") keeps no other from jobs.
            var limit = blocked switch { "queue-rate" => Rate, "queue-concurrency" => Concurrency, _ => null };
            if (limit is not null)
                _seen = (limit, clock);
        }
    }

    /// <summary>The limit; null where none was seen lately.</summary>
    public string? Limit(TimeSpan clock) => _seen is { } seen && clock - seen.At < Holds ? seen.Limit : null;
}
