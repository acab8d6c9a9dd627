using K8sQueue.Core.Capacity;

namespace K8sQueue.Core.Trends;

/// <summary>
/// The waits of a queue in the last whole step of each span, as its history of the last hour tells them. Pure: whoever reads that history finds the same.
/// </summary>
public sealed class WaitSteps
{
    // An hour is told by the minutes that are kept while none of them is gone, or hardly any.
    private static readonly TimeSpan Oldest = TimeSpan.FromMinutes(LoadHistory.Minutes + 5);

    private readonly DateTimeOffset _now;
    private readonly Dictionary<TrendSpan, LoadHistogram> _waits;

    private WaitSteps(DateTimeOffset now, Dictionary<TrendSpan, LoadHistogram> waits) => (_now, _waits) = (now, waits);

    /// <summary>Those of a history.</summary>
    public static WaitSteps Of(LoadHistory history)
    {
        ArgumentNullException.ThrowIfNull(history);
        var waits = new Dictionary<TrendSpan, LoadHistogram>();
        foreach (var span in TrendSpan.All)
        {
            var step = span.StepOf(history.Now) - 1;
            if (history.Now - span.StartOf(step) > Oldest)
                continue;
            foreach (var minute in history.Entries.Where(minute => span.StepOf(minute.Start) == step && minute.Load.Waits.Count > 0))
            {
                if (!waits.TryGetValue(span, out var sum))
                    waits[span] = sum = new LoadHistogram();
                sum.Add(minute.Load.Waits);
            }
        }

        return new WaitSteps(history.Now, waits);
    }

    /// <summary>The mark of a span's last step; null where nothing waited in it, or it is not known whole.</summary>
    public WaitMark? MarkOf(TrendSpan span) => Together([this], span);

    /// <summary>The mark of several queues together; null where nothing waited, and while some of them were read before the others' last step was over.</summary>
    public static WaitMark? Together(IReadOnlyCollection<WaitSteps> queues, TrendSpan span)
    {
        ArgumentNullException.ThrowIfNull(queues);
        ArgumentNullException.ThrowIfNull(span);
        var steps = queues.Select(queue => span.StepOf(queue._now)).Distinct().ToList();
        if (steps.Count != 1)
            return null;
        var sum = new LoadHistogram();
        foreach (var queue in queues)
        {
            if (queue._waits.TryGetValue(span, out var waits))
                sum.Add(waits);
        }

        return sum.Percentile(0.5) is { } p50 && sum.Percentile(0.95) is { } p95 ? new WaitMark(steps[0] - 1, p50, p95) : null;
    }
}
