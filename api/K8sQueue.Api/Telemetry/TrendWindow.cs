using K8sQueue.Core.Trends;

namespace K8sQueue.Api.Telemetry;

/// <summary>The last steps of a <see cref="TrendSpan"/>. Not safe for several threads.</summary>
/// <param name="span">How far back, and in what steps.</param>
/// <param name="join">A point of a step and what came after it in the same step, together.</param>
/// <param name="absent">What a step is of which nothing was added; a point that is the same costs nothing.</param>
internal sealed class TrendWindow<T>(TrendSpan span, Func<T, T, T> join, T? absent)
    where T : struct, IEquatable<T>
{
    private readonly Queue<(long Step, T Point)> _points = new();
    private (long Step, T Point)? _current;

    public void Add(DateTimeOffset now, T point)
    {
        var step = span.StepOf(now);
        if (_current is { } current && current.Step == step)
        {
            _current = (step, join(current.Point, point));
            return;
        }

        if (_current is { } ended && !(absent is { } nothing && ended.Point.Equals(nothing)))
            _points.Enqueue(ended);
        while (_points.TryPeek(out var oldest) && oldest.Step <= step - span.Count)
            _points.Dequeue();
        _current = (step, point);
    }

    /// <summary>Each step until now, oldest first; null for those before <paramref name="since"/>.</summary>
    public T?[] Read(DateTimeOffset now, DateTimeOffset since)
    {
        var points = new T?[span.Count];
        var first = span.StepOf(now) - span.Count + 1;
        for (var i = Math.Max(0, span.StepOf(since) - first); i < points.Length; i++)
            points[i] = absent;
        foreach (var (step, point) in _current is { } current ? _points.Append(current) : _points)
        {
            if (step >= first && step - first < points.Length)
                points[step - first] = point;
        }

        return points;
    }
}

/// <summary>The last hour, day and week of something. Not safe for several threads.</summary>
/// <param name="join">A point of a step and what came after it in the same step, together.</param>
/// <param name="absent">What a step is of which nothing was added.</param>
internal sealed class TrendWindows<T>(Func<T, T, T> join, T? absent)
    where T : struct, IEquatable<T>
{
    private readonly TrendWindow<T> _hour = new(TrendSpan.Hour, join, absent);
    private readonly TrendWindow<T> _day = new(TrendSpan.Day, join, absent);
    private readonly TrendWindow<T> _week = new(TrendSpan.Week, join, absent);

    public TrendWindow<T> Of(TrendSpan span) => span == TrendSpan.Hour ? _hour : span == TrendSpan.Day ? _day : _week;

    public void Add(DateTimeOffset now, T point)
    {
        _hour.Add(now, point);
        _day.Add(now, point);
        _week.Add(now, point);
    }
}
