using K8sQueue.Core.Jobs;
using K8sQueue.Core.Trends;

namespace K8sQueue.Core.InMemory;

/// <summary>The trends of the queues of one process.</summary>
internal sealed class InMemoryTrendStore : ITrendStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string? Queue, TrendSpan Span), Dictionary<long, TrendMark>> _rings = [];
    private readonly Dictionary<(string? Queue, TrendSpan Span), Dictionary<long, WaitMark>> _waits = [];

    public ValueTask WriteAsync(string? queue, TrendSpan span, IReadOnlyList<TrendMark> marks, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(span);
        ArgumentNullException.ThrowIfNull(marks);
        if (queue is not null)
            QueueName.ThrowIfInvalid(queue);
        lock (_gate)
        {
            if (!_rings.TryGetValue((queue, span), out var ring))
                _rings[(queue, span)] = ring = [];
            foreach (var mark in marks)
                ring[mark.Step % (span.Count + 1)] = mark;
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<TrendMark>> ReadAsync(string? queue, TrendSpan span, CancellationToken cancellationToken)
    {
        lock (_gate)
            return ValueTask.FromResult<IReadOnlyList<TrendMark>>(_rings.TryGetValue((queue, span), out var ring) ? [.. ring.Values] : []);
    }

    public ValueTask WriteWaitsAsync(string? queue, TrendSpan span, WaitMark mark, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(span);
        if (queue is not null)
            QueueName.ThrowIfInvalid(queue);
        lock (_gate)
        {
            if (!_waits.TryGetValue((queue, span), out var ring))
                _waits[(queue, span)] = ring = [];
            ring[mark.Step % (span.Count + 1)] = mark;
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<WaitMark>> ReadWaitsAsync(string? queue, TrendSpan span, CancellationToken cancellationToken)
    {
        lock (_gate)
            return ValueTask.FromResult<IReadOnlyList<WaitMark>>(_waits.TryGetValue((queue, span), out var ring) ? [.. ring.Values] : []);
    }
}
