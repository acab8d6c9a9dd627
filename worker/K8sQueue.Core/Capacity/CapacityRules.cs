namespace K8sQueue.Core.Capacity;

/// <summary>The formulas of capacity planning.</summary>
public static class CapacityRules
{
    /// <summary>What is added for bursts within the minute, for what a slot does beside its handler, and for workers that come and go.</summary>
    public const double Buffer = 0.25;

    // What a product of doubles may be off, far below one slot.
    private const double Epsilon = 1e-9;

    /// <summary>
    /// <c>slots = ceil(peak arrival rate × mean duration × 1.25)</c>: by Little's law (L = λW; J. D. C. Little, Operations Research 9, 1961) rate
    /// by duration is how many jobs run at once where none waits; the quarter on top is the buffer that guides on worker scaling give.
    /// At least one. Null where nothing arrives.
    /// </summary>
    /// <param name="peakRate">Jobs a second in the busiest minute.</param>
    /// <param name="meanDuration">How long an attempt runs.</param>
    public static int? RecommendSlots(double peakRate, TimeSpan meanDuration) =>
        peakRate > 0 ? AtLeastOne(Math.Ceiling((peakRate * meanDuration.TotalSeconds * (1 + Buffer)) - Epsilon)) : null;

    /// <summary><c>workers = ceil(slots / concurrency)</c>.</summary>
    /// <param name="slots">The slots that are wanted.</param>
    /// <param name="perWorker">A worker's concurrency, 1 or more.</param>
    public static int RecommendWorkers(int slots, int perWorker) => AtLeastOne(Math.Ceiling((double)slots / perWorker));

    private static int AtLeastOne(double count) => (int)Math.Clamp(count, 1, int.MaxValue);
}
