namespace K8sQueue.Core.Capacity;

/// <summary>How much work a queue brings, what it takes, and how many slots that wants. Null is "not known", which is no zero.</summary>
public sealed record QueueCapacity
{
    /// <summary>Jobs enqueued a second, in this minute and the one before.</summary>
    public double? ArrivalRate { get; init; }

    /// <summary>Jobs enqueued a second in the busiest minute of the last hour; null until arrivals were counted for a minute.</summary>
    public double? PeakArrivalRate { get; init; }

    /// <summary>How long an attempt's handler ran, over the last hour. Attempts that were handed back do not count.</summary>
    public TimeSpan? MeanDuration { get; init; }

    /// <summary>What 95 of 100 of them did not exceed, as near as buckets of a quarter of their size tell.</summary>
    public TimeSpan? DurationP95 { get; init; }

    /// <summary>From when a job could have been taken (it stands in a lane) until its handler started, over the last hour.</summary>
    public TimeSpan? MeanWait { get; init; }

    /// <summary>What half of them did not exceed, as near as buckets of a quarter of their size tell.</summary>
    public TimeSpan? WaitP50 { get; init; }

    /// <summary>What 95 of 100 of them did not exceed, as near as buckets of a quarter of their size tell.</summary>
    public TimeSpan? WaitP95 { get; init; }

    /// <summary>The share of their slots that the queue's workers use, 0 to 1, for whichever queue; null without workers.</summary>
    public double? Utilization { get; init; }

    /// <summary>How many slots run the queue's jobs, on average over this minute and the one before; null without workers.</summary>
    public double? SlotsInUse { get; init; }

    /// <summary>How many slots the queue's workers have, on the same average; null without workers.</summary>
    public double? Slots { get; init; }

    /// <summary>The concurrency of a worker, as they last reported it; the mean where they differ. Null where none did for an hour.</summary>
    public int? SlotsPerWorker { get; init; }

    /// <summary>The slots that the busiest minute wants, by <see cref="CapacityRules.RecommendSlots"/>; null where nothing arrives or ends.</summary>
    public int? RecommendedSlots { get; init; }

    /// <summary>The workers that have as many slots; null where their concurrency is not known.</summary>
    public int? RecommendedWorkers { get; init; }
}
