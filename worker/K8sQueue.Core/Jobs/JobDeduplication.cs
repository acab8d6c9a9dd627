namespace K8sQueue.Core.Jobs;

/// <summary>
/// Keeps a second job of the same key out of its queue: the enqueue answers the id of the first. The key is held for
/// <see cref="Window"/>, until the first job is done, or, with both, for as long as the shorter of the two.
/// </summary>
/// <param name="Key">1 to <see cref="JobLimits.MaxKeyLength"/> characters.</param>
/// <param name="Window">How long the key is held from the enqueue on, by the broker's clock; null for no bound.</param>
/// <param name="UntilDone">Whether the job's end (completed, cancelled, a dead letter) sets the key free.</param>
public sealed record JobDeduplication(string Key, TimeSpan? Window = null, bool UntilDone = false)
{
    /// <exception cref="ArgumentException">A value is out of its range; the message names it.</exception>
    public void ThrowIfInvalid()
    {
        JobLimits.ThrowIfNoKey(Key, "deduplication.key");
        if (Window is null && !UntilDone)
            throw new ArgumentException("A deduplication key is held for a window, until the job is done, or both: give one.");
        if (Window is { } window && (window <= TimeSpan.Zero || window > JobLimits.MaxDelay))
            throw new ArgumentException($"The deduplication window must be above 0 and at most {JobLimits.MaxDelay.TotalDays:0} days, not {window}.");
    }
}
