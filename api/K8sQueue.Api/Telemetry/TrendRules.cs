using K8sQueue.Core.Trends;

namespace K8sQueue.Api.Telemetry;

/// <summary>What became of jobs in a step of time.</summary>
/// <param name="Enqueued">Jobs that came.</param>
/// <param name="Completed">Jobs that were done.</param>
/// <param name="Failed">Attempts that failed, those that made a dead letter included.</param>
/// <param name="Backlog">Jobs that waited or ran, at its end.</param>
public readonly record struct TrendPoint(long Enqueued, long Completed, long Failed, long Backlog);

/// <summary>Makes points of marks.</summary>
internal static class TrendRules
{
    /// <summary>
    /// What became of jobs in each step until now, oldest first; null where that is not known: before the first mark and, without <paramref name="current"/>, behind
    /// the last one. What became of them between two marks that are apart, since nobody looked, is spread over the steps between.
    /// </summary>
    /// <param name="span">The steps.</param>
    /// <param name="now">The last one is that of this time.</param>
    /// <param name="marks">How it stood when steps began, in any order.</param>
    /// <param name="current">How it stands now; null where that is not known.</param>
    public static TrendPoint?[] Points(TrendSpan span, DateTimeOffset now, IEnumerable<TrendMark> marks, TrendTotals? current)
    {
        var last = span.StepOf(now);
        var first = last - span.Count + 1;
        var known = marks.Where(mark => mark.Step <= last).OrderBy(mark => mark.Step).ToList();
        if (current is { } totals)
            known.Add(new TrendMark(last + 1, totals));
        var points = new TrendPoint?[span.Count];
        foreach (var (from, until) in known.Zip(known.Skip(1)))
        {
            for (var step = Math.Max(from.Step, first); step < until.Step; step++)
                points[step - first] = PartOf(from, until, step);
        }

        return points;
    }

    private static TrendPoint PartOf(TrendMark from, TrendMark until, long step)
    {
        var (before, after) = (step - from.Step, step - from.Step + 1);
        var steps = until.Step - from.Step;
        return new TrendPoint(
            Part(Grown(from.Totals.Enqueued, until.Totals.Enqueued)),
            Part(Grown(from.Totals.Completed, until.Totals.Completed)),
            Part(Grown(from.Totals.Failed, until.Totals.Failed)),
            after == steps ? until.Totals.Backlog : from.Totals.Backlog);

        // The parts add up to the whole.
        long Part(long grown) => (long)((Int128)grown * after / steps) - (long)((Int128)grown * before / steps);
    }

    // A total that fell is of a broker that lost its memory: it began anew.
    private static long Grown(long last, long now) => now >= last ? now - last : now;
}
