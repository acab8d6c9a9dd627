using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace K8sQueue.Kubernetes.WorkQueues;

/// <summary>The work queue's metrics, under the names that client-go gives them; one set for all queues, told apart by the tags <c>name</c> and <c>controller</c>.</summary>
public sealed class WorkQueueMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "K8sQueue.Kubernetes.WorkQueues";

    private static readonly InstrumentAdvice<double> Buckets = new()
    {
        // client-go: ExponentialBuckets(10e-9, 10, 12).
        HistogramBucketBoundaries = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1000],
    };

    private readonly ConcurrentDictionary<string, Func<(TimeSpan Unfinished, TimeSpan Longest)>> _running = new();
    private readonly UpDownCounter<long> _depth;
    private readonly Counter<long> _adds;
    private readonly Counter<long> _retries;
    private readonly Histogram<double> _queueDuration;
    private readonly Histogram<double> _workDuration;

    public WorkQueueMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(MeterName);
        _depth = meter.CreateUpDownCounter<long>("workqueue_depth", description: "Items that wait to be processed.");
        _adds = meter.CreateCounter<long>("workqueue_adds_total", description: "Items added.");
        _retries = meter.CreateCounter<long>("workqueue_retries_total", description: "Items added again after a failure.");
        _queueDuration = meter.CreateHistogram(
            "workqueue_queue_duration_seconds", "s", "How long an item waited.", tags: null, advice: Buckets);
        _workDuration = meter.CreateHistogram(
            "workqueue_work_duration_seconds", "s", "How long an item was processed.", tags: null, advice: Buckets);
        meter.CreateObservableGauge(
            "workqueue_unfinished_work_seconds", () => Observe(static r => r.Unfinished), "s", "For how long the items that are processed now have been, together.");
        meter.CreateObservableGauge(
            "workqueue_longest_running_processor_seconds", () => Observe(static r => r.Longest), "s", "For how long the oldest of them has been.");
    }

    /// <summary>The queue's series begin, at zero.</summary>
    internal void Start(string queue, Func<(TimeSpan Unfinished, TimeSpan Longest)> running)
    {
        _running[queue] = running;
        _adds.Add(0, Name(queue));
        _depth.Add(0, Name(queue));
        _retries.Add(0, Name(queue));
    }

    internal void End(string queue) => _running.TryRemove(queue, out _);

    internal void Added(string queue)
    {
        _adds.Add(1, Name(queue));
        _depth.Add(1, Name(queue));
    }

    internal void Taken(string queue, TimeSpan waited)
    {
        _depth.Add(-1, Name(queue));
        _queueDuration.Record(waited.TotalSeconds, Name(queue));
    }

    internal void Worked(string queue, TimeSpan worked) => _workDuration.Record(worked.TotalSeconds, Name(queue));

    internal void Retried(string queue) => _retries.Add(1, Name(queue));

    private IEnumerable<Measurement<double>> Observe(Func<(TimeSpan Unfinished, TimeSpan Longest), TimeSpan> value) =>
        _running.Select(queue => new Measurement<double>(value(queue.Value()).TotalSeconds, Name(queue.Key)));

    // controller-runtime's two labels; client-go has only the first.
    private static KeyValuePair<string, object?>[] Name(string queue) => [new("name", queue), new("controller", queue)];
}
