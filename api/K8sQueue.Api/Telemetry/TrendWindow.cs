using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Telemetry;

/// <summary>How far back, and in what steps.</summary>
/// <param name="Name">What it is called in an address.</param>
/// <param name="Title">What it is called on a page.</param>
/// <param name="Step">One step.</param>
/// <param name="Count">How many steps.</param>
public sealed record TrendSpan(string Name, string Title, TimeSpan Step, int Count)
{
    public static readonly TrendSpan Hour = new("hour", "1 hour", TimeSpan.FromMinutes(1), 60);
    public static readonly TrendSpan Day = new("day", "24 hours", TimeSpan.FromMinutes(10), 144);
    public static readonly TrendSpan Week = new("week", "7 days", TimeSpan.FromHours(1), 168);

    public static readonly IReadOnlyList<TrendSpan> All = [Hour, Day, Week];

    /// <summary>The span of this name; the hour where there is none.</summary>
    public static TrendSpan Of(string? name) => All.FirstOrDefault(span => span.Name == name) ?? Hour;

    /// <summary>The number of the step in which a time is, since 1970.</summary>
    public long StepOf(DateTimeOffset at) => at.UtcTicks / Step.Ticks;
}

/// <summary>What became of jobs in a step of time.</summary>
/// <param name="Enqueued">Jobs that came.</param>
/// <param name="Completed">Jobs that were done.</param>
/// <param name="Failed">Attempts that failed, those that made a dead letter included.</param>
/// <param name="Backlog">Jobs that waited or ran, at its end.</param>
public readonly record struct TrendPoint(long Enqueued, long Completed, long Failed, long Backlog)
{
    /// <summary>This and what came after it.</summary>
    public TrendPoint With(TrendPoint later) => new(Enqueued + later.Enqueued, Completed + later.Completed, Failed + later.Failed, later.Backlog);
}

/// <summary>What lies between two samples.</summary>
internal static class TrendRules
{
    /// <summary>What became of a queue's jobs since its last sample. Without one nothing is known but its backlog.</summary>
    public static TrendPoint Between(QueueStatistics? last, QueueStatistics now)
    {
        var backlog = now.Backlog.Waiting + now.Backlog.InFlight;
        return last is null
            ? new TrendPoint(0, 0, 0, backlog)
            : new TrendPoint(
                Grown(last.EnqueuedTotal, now.EnqueuedTotal),
                Grown(last.CompletedTotal, now.CompletedTotal),
                Grown(last.RetriedTotal + last.BuriedTotal, now.RetriedTotal + now.BuriedTotal),
                backlog);
    }

    // A total that fell is of a broker that lost its memory: it began anew.
    private static long Grown(long last, long now) => now >= last ? now - last : now;
}

/// <summary>The last steps of a <see cref="TrendSpan"/>. Not safe for several threads.</summary>
internal sealed class TrendWindow(TrendSpan span)
{
    private readonly Queue<(long Step, TrendPoint Point)> _points = new();
    private (long Step, TrendPoint Point)? _current;

    public void Add(DateTimeOffset now, TrendPoint point)
    {
        var step = span.StepOf(now);
        if (_current is { } current && current.Step == step)
        {
            _current = (step, current.Point.With(point));
            return;
        }

        if (_current is { } ended && ended.Point != default)
            _points.Enqueue(ended);
        while (_points.TryPeek(out var oldest) && oldest.Step <= step - span.Count)
            _points.Dequeue();
        _current = (step, point);
    }

    /// <summary>Each step until now, oldest first; null for those before <paramref name="since"/>.</summary>
    public TrendPoint?[] Read(DateTimeOffset now, DateTimeOffset since)
    {
        var points = new TrendPoint?[span.Count];
        var first = span.StepOf(now) - span.Count + 1;
        for (var i = Math.Max(0, span.StepOf(since) - first); i < points.Length; i++)
            points[i] = default(TrendPoint);
        foreach (var (step, point) in _current is { } current ? _points.Append(current) : _points)
        {
            if (step >= first && step - first < points.Length)
                points[step - first] = point;
        }

        return points;
    }
}
