using K8sQueue.Api.Hosting;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Trends;

namespace K8sQueue.Api.Telemetry;

/// <summary>
/// What became of the queues' jobs over the last hour, day and week. How they stood when each minute, ten minutes and hour began is kept by the broker: every replica shows
/// the same, and one that was just started too. Each of them writes it, since they need not know of each other: it is the same that they write.
/// </summary>
internal sealed class QueueTrends(IJobQueue jobs, TimeProvider time)
{
    private const int Concurrency = 16;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Trend> _queues = new(StringComparer.Ordinal);
    private readonly Trend _all = new(queue: null);

    /// <summary>Takes a sample of all queues in.</summary>
    /// <exception cref="JobQueueUnavailableException">The broker does not answer; what it did not take is not known later.</exception>
    public async Task AddAsync(IReadOnlyList<QueueStatistics> sample, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var all = default(TrendTotals);
        var queues = new List<(Trend Trend, TrendTotals Totals)>();
        foreach (var queue in sample)
        {
            var totals = TrendTotals.Of(queue);
            all = all.Plus(totals);
            queues.Add((Find(queue.Queue), totals));
        }

        queues.Add((_all, all));
        Forget(sample);
        await ParallelReads.OfAsync(queues, Concurrency, async (queue, token) => await AddAsync(queue.Trend, now, queue.Totals, token), cancellationToken);
    }

    /// <summary>A queue's points, or those of all queues together, oldest first; null where nothing is known.</summary>
    /// <exception cref="JobQueueUnavailableException">The broker does not answer.</exception>
    public async ValueTask<IReadOnlyList<TrendPoint?>> OfAsync(string? queue, TrendSpan span, CancellationToken cancellationToken)
    {
        var marks = await jobs.Trends.ReadAsync(queue, span, cancellationToken);
        lock (_lock)
        {
            var trend = queue is null ? _all : _queues.GetValueOrDefault(queue);

            // What is kept was looked at first, where both are of one step.
            IEnumerable<TrendMark> known = trend?.Of(span).Current is { } current && marks.All(mark => mark.Step != current.Step) ? [.. marks, current] : marks;
            return TrendRules.Points(span, time.GetUtcNow(), known, trend?.Last);
        }
    }

    private Trend Find(string queue)
    {
        lock (_lock)
        {
            if (!_queues.TryGetValue(queue, out var trend))
                _queues[queue] = trend = new Trend(queue);
            return trend;
        }
    }

    // Queues that are gone are no entries for good.
    private void Forget(IReadOnlyList<QueueStatistics> sample)
    {
        lock (_lock)
        {
            foreach (var gone in _queues.Keys.Except(sample.Select(queue => queue.Queue), StringComparer.Ordinal).ToList())
                _queues.Remove(gone);
        }
    }

    private async ValueTask<bool> AddAsync(Trend trend, DateTimeOffset now, TrendTotals totals, CancellationToken cancellationToken)
    {
        foreach (var span in TrendSpan.All)
        {
            var kept = trend.Last is null ? await jobs.Trends.ReadAsync(trend.Queue, span, cancellationToken) : [];
            IReadOnlyList<TrendMark> marks;
            lock (_lock)
            {
                trend.Of(span).Begin(now, kept);
                marks = trend.Of(span).Add(now, totals);
            }

            await jobs.Trends.WriteAsync(trend.Queue, span, marks, cancellationToken);
        }

        lock (_lock)
            trend.Last = totals;
        return true;
    }

    private sealed class Trend(string? queue)
    {
        private readonly TrendSteps[] _spans = [.. TrendSpan.All.Select(span => new TrendSteps(span))];

        public string? Queue => queue;

        public TrendTotals? Last { get; set; }

        public TrendSteps Of(TrendSpan span) => _spans[TrendSpan.All.Index().First(entry => entry.Item == span).Index];
    }
}
