using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Trends;

/// <summary>
/// The part of a broker that remembers for a week how queues stood, so that every process shows the same of it, and a new one too. A mark holds totals, not what was added:
/// whoever writes it writes the same, and one that is lost, or written twice, costs only accuracy. Nothing is decided by it.
/// </summary>
public interface ITrendStore
{
    /// <summary>Keeps marks, in place of those of the same steps, and for as long as their span is.</summary>
    /// <param name="queue">The queue; null for all of them together.</param>
    /// <param name="span">What their steps are of.</param>
    /// <param name="marks">The marks.</param>
    /// <param name="cancellationToken">Stops the wait for it.</param>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached; they may be kept all the same.</exception>
    /// <exception cref="JobQueueFullException">The broker has no memory left.</exception>
    ValueTask WriteAsync(string? queue, TrendSpan span, IReadOnlyList<TrendMark> marks, CancellationToken cancellationToken);

    /// <summary>The marks that are kept, in no order: one more than the span has steps, at most. Older ones may be among them.</summary>
    /// <param name="queue">The queue; null for all of them together.</param>
    /// <param name="span">What their steps are of.</param>
    /// <param name="cancellationToken">Stops the wait for it.</param>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached.</exception>
    ValueTask<IReadOnlyList<TrendMark>> ReadAsync(string? queue, TrendSpan span, CancellationToken cancellationToken);

    /// <summary>Keeps how long jobs waited in a step, in place of what was kept of the same step, and for as long as its span is.</summary>
    /// <param name="queue">The queue; null for all of them together.</param>
    /// <param name="span">What the step is of.</param>
    /// <param name="mark">The waits.</param>
    /// <param name="cancellationToken">Stops the wait for it.</param>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached; it may be kept all the same.</exception>
    /// <exception cref="JobQueueFullException">The broker has no memory left.</exception>
    ValueTask WriteWaitsAsync(string? queue, TrendSpan span, WaitMark mark, CancellationToken cancellationToken);

    /// <summary>The waits that are kept, in no order: one step more than the span has, at most. Older ones may be among them.</summary>
    /// <param name="queue">The queue; null for all of them together.</param>
    /// <param name="span">What their steps are of.</param>
    /// <param name="cancellationToken">Stops the wait for it.</param>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached.</exception>
    ValueTask<IReadOnlyList<WaitMark>> ReadWaitsAsync(string? queue, TrendSpan span, CancellationToken cancellationToken);
}
