namespace K8sQueue.Core.Capacity;

/// <summary>How many times fell into which bucket of <see cref="LoadBuckets"/>, and their sum. Not safe for several threads.</summary>
public sealed class LoadHistogram
{
    // Most minutes of most queues have none.
    private long[]? _counts;

    /// <summary>How many times were counted.</summary>
    public long Count { get; private set; }

    /// <summary>All of them together.</summary>
    public TimeSpan Sum { get; private set; }

    /// <summary>Exact; null where nothing was counted.</summary>
    public TimeSpan? Mean => Count == 0 ? null : Sum / Count;

    /// <summary>The buckets that are not empty, with their counts.</summary>
    internal IEnumerable<(int Index, long Count)> Buckets => (_counts ?? []).Index().Where(bucket => bucket.Item > 0);

    /// <summary>Counts a time; one below zero, which clocks that differ can make, counts as zero.</summary>
    public void Add(TimeSpan time)
    {
        Add(LoadBuckets.IndexOf(time), 1);
        AddToSum(time > TimeSpan.Zero ? time : TimeSpan.Zero);
    }

    /// <summary>Counts what another one did.</summary>
    public void Add(LoadHistogram other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (var (index, count) in other.Buckets)
            Add(index, count);
        AddToSum(other.Sum);
    }

    /// <summary>
    /// The time that a share (0 to 1) of those counted did not exceed, as near as the buckets tell; null where nothing was counted. Within a
    /// bucket the times are taken for evenly spread.
    /// </summary>
    public TimeSpan? Percentile(double share)
    {
        if (Count == 0)
            return null;
        var rank = share * Count;
        var below = 0L;
        foreach (var (index, count) in Buckets)
        {
            if (below + count >= rank)
            {
                var (start, end) = (LoadBuckets.StartOf(index), LoadBuckets.StartOf(index + 1));
                return start + ((end - start) * Math.Clamp((rank - below) / count, 0, 1));
            }

            below += count;
        }

        return LoadBuckets.StartOf(LoadBuckets.Count);
    }

    /// <summary>Counts in a bucket, without the times' sum.</summary>
    internal void Add(int index, long count)
    {
        (_counts ??= new long[LoadBuckets.Count])[index] += count;
        Count += count;
    }

    internal void AddToSum(TimeSpan time) => Sum += time;
}
