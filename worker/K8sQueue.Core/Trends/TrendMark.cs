using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Trends;

/// <summary>How a queue, or all of them together, stood at a time: what ever became of jobs, and what is there.</summary>
/// <param name="Enqueued">Jobs that ever came.</param>
/// <param name="Completed">Jobs that were ever done.</param>
/// <param name="Failed">Attempts that ever failed, those that made a dead letter included.</param>
/// <param name="Backlog">Jobs that wait or run.</param>
public readonly record struct TrendTotals(long Enqueued, long Completed, long Failed, long Backlog)
{
    /// <summary>Those of a queue.</summary>
    public static TrendTotals Of(QueueStatistics queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return new(queue.EnqueuedTotal, queue.CompletedTotal, queue.RetriedTotal + queue.BuriedTotal, queue.Backlog.Waiting + queue.Backlog.InFlight);
    }

    /// <summary>Both together.</summary>
    public TrendTotals Plus(TrendTotals other) =>
        new(Enqueued + other.Enqueued, Completed + other.Completed, Failed + other.Failed, Backlog + other.Backlog);
}

/// <summary>How a queue stood when a step began.</summary>
/// <param name="Step">The step, by <see cref="TrendSpan.StepOf"/>.</param>
/// <param name="Totals">How it stood.</param>
public readonly record struct TrendMark(long Step, TrendTotals Totals);
