using K8sQueue.Core.Trends;

namespace K8sQueue.Api.Telemetry;

/// <summary>
/// Decides which marks of a queue are worth keeping: those at which something had changed. While a queue rests nothing is written; when it goes on, the mark of where it
/// stood last is written with the next one. Not safe for several threads.
/// </summary>
internal sealed class TrendSteps(TrendSpan span)
{
    private bool _isKept;

    /// <summary>The mark of the current step; null before the first sample.</summary>
    public TrendMark? Current { get; private set; }

    /// <summary>Takes over what another process kept, before the first sample: it looked earlier in the step.</summary>
    public void Begin(DateTimeOffset now, IEnumerable<TrendMark> kept)
    {
        foreach (var mark in kept)
        {
            if (mark.Step == span.StepOf(now))
                (Current, _isKept) = (mark, true);
        }
    }

    /// <summary>Takes a sample, and answers what is to be kept.</summary>
    public IReadOnlyList<TrendMark> Add(DateTimeOffset now, TrendTotals totals)
    {
        var next = new TrendMark(span.StepOf(now), totals);
        if (Current is not { } current)
        {
            Current = next;
            return [];
        }

        if (next.Step == current.Step)
            return [];
        Current = next;
        IReadOnlyList<TrendMark> kept = next.Totals == current.Totals ? [] : _isKept ? [next] : [current, next];
        _isKept = kept.Count > 0;
        return kept;
    }
}
