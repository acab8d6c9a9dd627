namespace K8sQueue.Benchmarks.Queues.Report;

/// <summary>One figure of one contender over the same figure of another.</summary>
/// <param name="Name">The name in bench-queue.json.</param>
/// <param name="Title">What it is, in words.</param>
/// <param name="Of">The contender above the line.</param>
/// <param name="Over">The contender below the line.</param>
/// <param name="Figure">The figure.</param>
/// <param name="Goal">What the project aims at, in words; empty for none.</param>
internal sealed record QueueRatio(string Name, string Title, string Of, string Over, Func<QueueFigures, double> Figure, string Goal = "")
{
    public static readonly IReadOnlyList<QueueRatio> All =
    [
        new("processed_vs_bullmq", "processed, K8sQueue / BullMQ", QueueContenders.K8sQueue, QueueContenders.BullMq, Processed, ">= 10"),
        new("processed_vs_raw", "processed, K8sQueue / raw loop", QueueContenders.K8sQueue, QueueContenders.Raw, Processed, ">= 0.6"),
        new("bulk_vs_bullmq", "bulk enqueue, K8sQueue / BullMQ", QueueContenders.K8sQueue, QueueContenders.BullMq, Enqueued, ">= 15"),
        new("bulk_vs_raw", "bulk enqueue, K8sQueue / raw loop", QueueContenders.K8sQueue, QueueContenders.Raw, Enqueued),
        new("bulk_new_memory_vs_bullmq", "to new memory, K8sQueue / BullMQ", QueueContenders.K8sQueue, QueueContenders.BullMq, EnqueuedToNewMemory),
        new("raw_bulk_new_memory_vs_bullmq", "to new memory, raw loop / BullMQ", QueueContenders.Raw, QueueContenders.BullMq, EnqueuedToNewMemory),
        new("p50_vs_bullmq", "start p50, K8sQueue / BullMQ", QueueContenders.K8sQueue, QueueContenders.BullMq, f => f.P50, "<= 1"),
        new("p99_vs_bullmq", "start p99, K8sQueue / BullMQ", QueueContenders.K8sQueue, QueueContenders.BullMq, f => f.P99, "<= 1"),
        new("tracked_processed_vs_bullmq", "processed, tracked / BullMQ", QueueContenders.Tracked, QueueContenders.BullMq, Processed),
        new("tracked_processed_vs_untracked", "processed, tracked / untracked", QueueContenders.Tracked, QueueContenders.K8sQueue, Processed),
        new("results_processed_vs_untracked", "processed, results / untracked", QueueContenders.Results, QueueContenders.K8sQueue, Processed),
        new("unique_processed_vs_untracked", "processed, unique / untracked", QueueContenders.Unique, QueueContenders.K8sQueue, Processed),
        new("unique_bulk_vs_untracked", "bulk enqueue, unique / untracked", QueueContenders.Unique, QueueContenders.K8sQueue, Enqueued),
        new("keys_processed_vs_untracked", "processed, keys / untracked", QueueContenders.Keyed, QueueContenders.K8sQueue, Processed),
        new("keys_bulk_vs_untracked", "bulk enqueue, keys / untracked", QueueContenders.Keyed, QueueContenders.K8sQueue, Enqueued),
        new("limits_processed_vs_untracked", "processed, limits / untracked", QueueContenders.Limited, QueueContenders.K8sQueue, Processed),
        new("limits_p50_vs_untracked", "start p50, limits / untracked", QueueContenders.Limited, QueueContenders.K8sQueue, f => f.P50),
        new("tracked_bulk_vs_untracked", "bulk enqueue, tracked / untracked", QueueContenders.Tracked, QueueContenders.K8sQueue, Enqueued),
        new("tracked_bulk_vs_bullmq", "bulk enqueue, tracked / BullMQ", QueueContenders.Tracked, QueueContenders.BullMq, Enqueued),
        new("worker_processed_vs_bullmq", "processed, worker / BullMQ", QueueContenders.Worker, QueueContenders.BullMq, Processed),
        new("worker_p50_vs_bullmq", "start p50, worker / BullMQ", QueueContenders.Worker, QueueContenders.BullMq, f => f.P50),
        new("worker_p99_vs_bullmq", "start p99, worker / BullMQ", QueueContenders.Worker, QueueContenders.BullMq, f => f.P99),
        new("raw_processed_vs_bullmq", "processed, raw loop / BullMQ", QueueContenders.Raw, QueueContenders.BullMq, Processed),
        new("raw_bulk_vs_bullmq", "bulk enqueue, raw loop / BullMQ", QueueContenders.Raw, QueueContenders.BullMq, Enqueued),
    ];

    /// <summary>The ratio; null where one side was not measured.</summary>
    public double? Value(IReadOnlyList<ContenderReport> reports)
    {
        var above = reports.FirstOrDefault(report => report.Name == Of);
        var below = reports.FirstOrDefault(report => report.Name == Over);
        return above is null || below is null ? null : Figure(above.Medians) / Figure(below.Medians);
    }

    private static double Processed(QueueFigures figures) => figures.ProcessedPerSecond;

    private static double EnqueuedToNewMemory(QueueFigures figures) => figures.EnqueuedToNewMemoryPerSecond;

    private static double Enqueued(QueueFigures figures) => figures.EnqueuedPerSecond;
}
