namespace K8sQueue.Core.Capacity;

/// <summary>Works a queue's capacity out from its history. No I/O, no clock.</summary>
public static class CapacityEstimator
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // Over less, one bulk enqueue would look like a rate.
    private static readonly TimeSpan ShortestWindow = TimeSpan.FromSeconds(10);

    public static QueueCapacity Estimate(LoadHistory history)
    {
        ArgumentNullException.ThrowIfNull(history);
        var durations = Together(history.Entries, load => load.Durations);
        var waits = Together(history.Entries, load => load.Waits);
        var recent = history.Entries.Where(minute => minute.Start >= RecentStart(history)).ToList();
        var perWorker = SlotsPerWorker(history);
        var rate = ArrivalRate(history, recent);
        var peak = PeakRate(history, rate);
        var slots = peak is { } most && durations.Mean is { } mean ? CapacityRules.RecommendSlots(most, mean) : null;
        return Running(recent) with
        {
            ArrivalRate = rate,
            PeakArrivalRate = peak,
            MeanDuration = durations.Mean,
            DurationP95 = durations.Percentile(0.95),
            MeanWait = waits.Mean,
            WaitP50 = waits.Percentile(0.5),
            WaitP95 = waits.Percentile(0.95),
            SlotsPerWorker = perWorker,
            RecommendedSlots = slots,
            RecommendedWorkers = slots is { } wanted && perWorker is { } each ? CapacityRules.RecommendWorkers(wanted, each) : null,
        };
    }

    // The begun minute alone would be too short a time at its beginning.
    private static DateTimeOffset RecentStart(LoadHistory history) =>
        ArrivalRules.StartOf(ArrivalRules.MinuteOf(history.Now)) - Minute;

    private static double? ArrivalRate(LoadHistory history, List<LoadMinute> recent)
    {
        if (history.ObservedSince is not { } since)
            return null;
        var window = history.Now - Later(since, RecentStart(history));
        return window < ShortestWindow ? null : recent.Sum(minute => minute.Arrivals) / window.TotalSeconds;
    }

    private static double? PeakRate(LoadHistory history, double? rate)
    {
        if (history.ObservedSince is not { } since || history.Now - since < Minute)
            return null;
        var busiest = history.Entries.Select(minute => minute.Arrivals).DefaultIfEmpty().Max() / Minute.TotalSeconds;
        return Math.Max(busiest, rate ?? 0);
    }

    private static QueueCapacity Running(List<LoadMinute> recent)
    {
        var reported = recent.Where(minute => minute.Load.Elapsed > TimeSpan.Zero).ToList();
        if (reported.Count == 0)
            return new QueueCapacity();
        var (busy, occupied, slots) = (Sum(reported, l => l.Busy), Sum(reported, l => l.Occupied), Sum(reported, l => l.Slots));
        var span = reported.Max(minute => minute.Until) - reported.Min(minute => minute.From);
        return new QueueCapacity
        {
            Utilization = slots > TimeSpan.Zero ? Math.Min(1, occupied / slots) : null,
            SlotsInUse = span > TimeSpan.Zero ? busy / span : null,
            Slots = span > TimeSpan.Zero ? slots / span : null,
        };
    }

    private static int? SlotsPerWorker(LoadHistory history) =>
        history.Entries.LastOrDefault(minute => minute.Load.Elapsed > TimeSpan.Zero)?.Load is { } load
            ? Math.Max(1, (int)Math.Round(load.Slots / load.Elapsed))
            : null;

    private static LoadHistogram Together(IEnumerable<LoadMinute> minutes, Func<LoadSample, LoadHistogram> histogram)
    {
        var together = new LoadHistogram();
        foreach (var minute in minutes)
            together.Add(histogram(minute.Load));
        return together;
    }

    private static TimeSpan Sum(IEnumerable<LoadMinute> minutes, Func<LoadSample, TimeSpan> time) =>
        minutes.Aggregate(TimeSpan.Zero, (sum, minute) => sum + time(minute.Load));

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
