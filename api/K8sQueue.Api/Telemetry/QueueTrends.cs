using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Telemetry;

/// <summary>
/// What became of the queues' jobs over the last hour, day and week, from the samples that this process took: nothing is known from before its
/// start. A quiet queue costs nothing, a busy one 15 KiB.
/// </summary>
internal sealed class QueueTrends(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Trend> _queues = new(StringComparer.Ordinal);
    private readonly Trend _all = new();

    /// <summary>When this process began to look.</summary>
    public DateTimeOffset Since { get; } = time.GetUtcNow();

    /// <summary>Takes a sample of all queues in.</summary>
    public void Add(IReadOnlyList<QueueStatistics> sample)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            var all = default(TrendPoint);
            foreach (var queue in sample)
            {
                if (!_queues.TryGetValue(queue.Queue, out var trend))
                    _queues[queue.Queue] = trend = new Trend();
                var step = TrendRules.Between(trend.Last, queue);
                trend.Last = queue;
                trend.Add(now, step);
                all = all.With(step) with { Backlog = all.Backlog + step.Backlog };
            }

            _all.Add(now, all);
        }
    }

    /// <summary>A queue's points, or those of all queues together, oldest first; null where nothing is known.</summary>
    public IReadOnlyList<TrendPoint?> Of(string? queue, TrendSpan span)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            var trend = queue is null ? _all : _queues.GetValueOrDefault(queue);
            return trend?.Of(span).Read(now, Since) ?? new TrendPoint?[span.Count];
        }
    }

    private sealed class Trend
    {
        private readonly TrendWindow _hour = new(TrendSpan.Hour);
        private readonly TrendWindow _day = new(TrendSpan.Day);
        private readonly TrendWindow _week = new(TrendSpan.Week);

        public QueueStatistics? Last { get; set; }

        public TrendWindow Of(TrendSpan span) => span == TrendSpan.Hour ? _hour : span == TrendSpan.Day ? _day : _week;

        public void Add(DateTimeOffset now, TrendPoint step)
        {
            _hour.Add(now, step);
            _day.Add(now, step);
            _week.Add(now, step);
        }
    }
}
