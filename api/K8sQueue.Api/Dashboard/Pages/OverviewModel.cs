using K8sQueue.Api.Dashboard.Charts;
using K8sQueue.Core.Capacity;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Trends;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>All queues.</summary>
/// <param name="Queues">Those of this page.</param>
/// <param name="Total">What all queues have together.</param>
/// <param name="Charts">What became of their jobs.</param>
/// <param name="Span">Over which time.</param>
/// <param name="Search">What the names of the queues shown hold; null for all.</param>
/// <param name="Next">The name behind which the next page begins; null on the last one.</param>
public sealed record OverviewModel(
    IReadOnlyList<QueueRow> Queues,
    QueueSum Total,
    IReadOnlyList<Chart> Charts,
    TrendSpan Span,
    string? Search,
    string? Next);

/// <summary>A queue in the list.</summary>
/// <param name="Statistics">Its counts.</param>
/// <param name="Capacity">Its capacity; null where that is not sampled yet.</param>
/// <param name="Trend">What was completed in the last hour.</param>
public sealed record QueueRow(QueueStatistics Statistics, QueueCapacity? Capacity, ChartLine Trend);

/// <summary>What queues have together.</summary>
public sealed record QueueSum(int Queues, int Paused, long Waiting, long InFlight, long Delayed, long DeadLetters, int WithoutConsumer)
{
    public static QueueSum Of(IReadOnlyCollection<QueueStatistics> queues) => new(
        queues.Count,
        queues.Count(queue => queue.Backlog.Paused),
        queues.Sum(queue => queue.Backlog.Waiting),
        queues.Sum(queue => queue.Backlog.InFlight),
        queues.Sum(queue => queue.Delayed + queue.Parked),
        queues.Sum(queue => queue.DeadLetters),
        queues.Count(queue => queue is { Consumers: 0, Backlog: { Paused: false, Waiting: > 0 } }));
}
