using K8sQueue.Api.Telemetry;
using K8sQueue.Core.Capacity;
using K8sQueue.Core.Trends;

namespace K8sQueue.Api.Dashboard.Charts;

/// <summary>Charts of what is known of queues.</summary>
internal static class TrendCharts
{
    /// <summary>What a span is called on a page.</summary>
    public static string TitleOf(TrendSpan span) => span == TrendSpan.Hour ? "1 hour" : span == TrendSpan.Day ? "24 hours" : "7 days";

    /// <summary>What came, was done and failed in each step, and what stood.</summary>
    public static IReadOnlyList<Chart> Of(IReadOnlyList<TrendPoint?> points, TrendSpan span, DateTimeOffset now)
    {
        var start = StartOf(span, now);
        var unit = span == TrendSpan.Hour ? "jobs a minute" : span == TrendSpan.Day ? "jobs in 10 minutes" : "jobs an hour";
        return
        [
            new Chart(
                "throughput",
                "Throughput",
                unit,
                [
                    Line("Enqueued", "first", points, point => point.Enqueued),
                    Line("Completed", "second", points, point => point.Completed),
                    Line("Failed attempts", "third", points, point => point.Failed),
                ],
                start,
                span.Step),
            new Chart("backlog", "Backlog", "jobs", [Line("Waiting and in flight", "first", points, point => point.Backlog)], start, span.Step),
        ];
    }

    /// <summary>How long jobs waited in each minute of the last hour, as their workers reported.</summary>
    public static Chart Waits(LoadHistory history) => Waits(
        [
            .. from minute in history.Entries
               let waits = minute.Load.Waits
               where waits.Count > 0
               select new WaitMark(TrendSpan.Hour.StepOf(minute.Start), waits.Percentile(0.5)!.Value, waits.Percentile(0.95)!.Value),
        ],
        TrendSpan.Hour,
        history.Now);

    /// <summary>How long jobs waited in each step that is over.</summary>
    public static Chart Waits(IReadOnlyList<WaitMark> marks, TrendSpan span, DateTimeOffset now)
    {
        var (p50, p95) = (new double?[span.Count], new double?[span.Count]);
        var first = span.StepOf(now) - span.Count + 1;
        foreach (var mark in marks.Where(mark => mark.Step >= first && mark.Step < first + span.Count))
            (p50[mark.Step - first], p95[mark.Step - first]) = (mark.P50.TotalMilliseconds, mark.P95.TotalMilliseconds);
        return new Chart(
            "waits",
            "Wait for a start",
            "ms",
            [new ChartLine("Half of them at most", "first", p50), new ChartLine("95 of 100 at most", "third", p95)],
            StartOf(span, now),
            span.Step);
    }

    /// <summary>What a pool's queues had in them and its replicas, on one chart: so that one is seen to follow the other.</summary>
    /// <param name="replicas">The pool's points.</param>
    /// <param name="queues">The points of those of its queues that are known here.</param>
    /// <param name="span">How far back.</param>
    /// <param name="now">The time.</param>
    public static Chart Replicas(IReadOnlyList<PoolPoint?> replicas, IReadOnlyList<IReadOnlyList<TrendPoint?>> queues, TrendSpan span, DateTimeOffset now)
    {
        const string unit = "replicas";
        var right = queues.Count > 0 ? unit : null;
        var lines = new List<ChartLine>
        {
            Line("Running", "second", replicas, point => point.Running) with { RightUnit = right },
            Line("Asked for", "third", replicas, point => point.Desired) with { RightUnit = right },
        };
        if (queues.Count > 0)
            lines.Insert(0, Line("Waiting and in flight", "first", Sum(queues), point => point.Backlog));
        return new Chart("replicas", queues.Count > 0 ? "Backlog and replicas" : "Replicas", queues.Count > 0 ? "jobs" : unit, lines, StartOf(span, now), span.Step);
    }

    public static ChartLine Line<T>(string name, string style, IReadOnlyList<T?> points, Func<T, double> value)
        where T : struct => new(name, style, [.. points.Select(point => point is { } known ? value(known) : (double?)null)]);

    private static List<TrendPoint?> Sum(IReadOnlyList<IReadOnlyList<TrendPoint?>> queues) =>
        [.. Enumerable.Range(0, queues[0].Count).Select(i => Sum(queues.Select(points => points[i])))];

    private static TrendPoint? Sum(IEnumerable<TrendPoint?> points)
    {
        TrendPoint? sum = null;
        foreach (var point in points.OfType<TrendPoint>())
            sum = new TrendPoint(0, 0, 0, (sum?.Backlog ?? 0) + point.Backlog);
        return sum;
    }

    private static DateTimeOffset StartOf(TrendSpan span, DateTimeOffset now) =>
        span.StartOf(span.StepOf(now) - span.Count + 1);
}
