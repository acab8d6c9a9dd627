namespace K8sQueue.Core.Jobs;

/// <summary>
/// How many jobs of a key may be in their queue's lanes, waiting or running, at once. Further ones are parked, first in, first out, and are
/// no demand; an end lets the next one in, and so does a retry that waits. The limit that counts is the job's own.
/// </summary>
/// <param name="Key">1 to <see cref="JobLimits.MaxKeyLength"/> characters, for example a tenant's id.</param>
/// <param name="Limit">1 to 10,000.</param>
public sealed record JobConcurrency(string Key, int Limit)
{
    /// <exception cref="ArgumentException">A value is out of its range; the message names it.</exception>
    public void ThrowIfInvalid()
    {
        JobLimits.ThrowIfNoKey(Key, "concurrency.key");
        if (Limit is < 1 or > 10_000)
            throw new ArgumentException($"concurrency.limit must be 1 to 10000, not {Limit}.");
    }
}
