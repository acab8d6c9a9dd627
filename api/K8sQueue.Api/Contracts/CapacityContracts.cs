using K8sQueue.Core.Capacity;

namespace K8sQueue.Api.Contracts;

/// <summary>How much work a queue brings, what it takes, and how many workers that wants. What is not known is left out.</summary>
internal sealed record CapacityDocument
{
    public required string Queue { get; init; }

    /// <summary>Jobs that were enqueued.</summary>
    public ArrivalRates? Arrivals { get; init; }

    /// <summary>How long attempts ran in the last hour.</summary>
    public TimeFigures? DurationSeconds { get; init; }

    /// <summary>How long jobs that could have been taken waited for their start in the last hour.</summary>
    public TimeFigures? WaitSeconds { get; init; }

    /// <summary>The slots of the workers that there are, or last were.</summary>
    public SlotFigures? Slots { get; init; }

    /// <summary>What the busiest minute of the last hour wants: peak rate by mean duration, and a quarter more.</summary>
    public Recommendation? Recommended { get; init; }

    public static CapacityDocument From(string queue, QueueCapacity capacity) => new()
    {
        Queue = queue,
        Arrivals = capacity.ArrivalRate is { } rate ? new ArrivalRates(Round(rate), Round(capacity.PeakArrivalRate)) : null,
        DurationSeconds = TimeFigures.From(capacity.MeanDuration, capacity.DurationP95),
        WaitSeconds = TimeFigures.From(capacity.MeanWait, capacity.WaitP95),
        Slots = capacity.SlotsPerWorker is { } perWorker
            ? new SlotFigures(Round(capacity.SlotsInUse), Round(capacity.Slots), perWorker, Round(capacity.Utilization))
            : null,
        Recommended = capacity.RecommendedSlots is { } slots ? new Recommendation(slots, capacity.RecommendedWorkers) : null,
    };

    private static double Round(double value) => Math.Round(value, 4);

    private static double? Round(double? value) => value is { } number ? Round(number) : null;
}

/// <param name="PerSecond">In the begun minute and the one before.</param>
/// <param name="PeakPerSecond">In the busiest minute of the last hour.</param>
internal sealed record ArrivalRates(double PerSecond, double? PeakPerSecond);

/// <param name="Mean">The mean.</param>
/// <param name="P95">What 95 of 100 did not exceed, as near as buckets of a quarter of their size tell.</param>
internal sealed record TimeFigures(double Mean, double P95)
{
    public static TimeFigures? From(TimeSpan? mean, TimeSpan? p95) => mean is { } average && p95 is { } most
        ? new TimeFigures(Math.Round(average.TotalSeconds, 6), Math.Round(most.TotalSeconds, 6))
        : null;
}

/// <param name="InUse">Slots that run jobs of the queue.</param>
/// <param name="Total">Slots of the workers that read it.</param>
/// <param name="PerWorker">The concurrency of a worker.</param>
/// <param name="Utilization">The share of the slots that is in use, for whichever queue, 0 to 1.</param>
internal sealed record SlotFigures(double? InUse, double? Total, int PerWorker, double? Utilization);

/// <param name="Slots">Jobs that may run at once.</param>
/// <param name="Workers">Workers of the concurrency that they have.</param>
internal sealed record Recommendation(int Slots, int? Workers);
