using K8sQueue.Api.Hosting;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Trends;

namespace K8sQueue.Api.Telemetry;

/// <summary>
/// Keeps how long jobs waited: of each queue in ten minutes and an hour, of all of them together in a minute, too, once each of these is over. Every replica of the
/// API writes it, since all of them read the same reports. A queue's minutes are in its reports. Used by one loop.
/// </summary>
internal sealed class WaitTrends(IJobQueue jobs)
{
    private const int Concurrency = 16;

    private readonly Dictionary<(string? Queue, TrendSpan Span), long> _written = [];

    /// <summary>Takes the queues' last steps in.</summary>
    /// <exception cref="JobQueueUnavailableException">The broker does not answer; what it did not take is tried again.</exception>
    public async Task AddAsync(IReadOnlyList<(string Queue, WaitSteps Waits)> sample, CancellationToken cancellationToken)
    {
        var all = sample.Select(queue => queue.Waits).ToList();
        var news = TrendSpan.All.Select(span => (Queue: (string?)null, Span: span, Mark: WaitSteps.Together(all, span)))
            .Concat(sample.SelectMany(queue => TrendSpan.All.Skip(1).Select(span => (Queue: (string?)queue.Queue, Span: span, Mark: queue.Waits.MarkOf(span)))))
            .Where(entry => entry.Mark is { } mark && _written.GetValueOrDefault((entry.Queue, entry.Span)) != mark.Step)
            .ToList();
        await ParallelReads.OfAsync(news, Concurrency, WriteAsync, cancellationToken);

        foreach (var entry in news)
            _written[(entry.Queue, entry.Span)] = entry.Mark!.Value.Step;

        // Queues that are gone are no entries for good.
        var queues = sample.Select(queue => (string?)queue.Queue).Append(null).ToHashSet();
        foreach (var gone in _written.Keys.Where(key => !queues.Contains(key.Queue)).ToList())
            _written.Remove(gone);

        async ValueTask<bool> WriteAsync((string? Queue, TrendSpan Span, WaitMark? Mark) entry, CancellationToken token)
        {
            await jobs.Trends.WriteWaitsAsync(entry.Queue, entry.Span, entry.Mark!.Value, token);
            return true;
        }
    }
}
