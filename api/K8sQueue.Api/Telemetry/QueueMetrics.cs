using System.Diagnostics.Metrics;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Telemetry;

/// <summary>The queues' counts as metrics, from the last sample. There is no label but the queue and the state.</summary>
internal sealed class QueueMetrics
{
    public const string MeterName = "K8sQueue.Api";

    private volatile IReadOnlyList<QueueStatistics> _queues = [];
    private volatile bool _brokerUp;

    public QueueMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        meter.CreateObservableGauge(
            "k8squeue.broker.up", () => _brokerUp ? 1 : 0, description: "1 while the broker answers the API, else 0.");
        meter.CreateObservableGauge("k8squeue.jobs", Jobs, "{job}", "Jobs of a queue by state.");
        meter.CreateObservableGauge("k8squeue.queue.demand", () => Each(s => s.Backlog.Demand), "{job}", "What the autoscaler follows.");
        meter.CreateObservableGauge("k8squeue.queue.paused", () => Each(s => s.Backlog.Paused ? 1 : 0), description: "1 while the queue is paused.");
        meter.CreateObservableGauge("k8squeue.queue.consumers", () => Each(s => s.Consumers), "{consumer}", "Consumers of a queue.");
        meter.CreateObservableGauge(
            "k8squeue.oldest_job.age", () => Seconds(s => s.OldestAge), "s", "Age of the oldest job that waits or runs.");
        meter.CreateObservableCounter("k8squeue.queue.jobs", Totals, "{job}", "Jobs of a queue that took this step, since the queue began.");
    }

    /// <summary>Takes over a sample; null where the broker did not answer, which leaves no series that would look current.</summary>
    public void Set(IReadOnlyList<QueueStatistics>? queues)
    {
        _brokerUp = queues is not null;
        _queues = queues ?? [];
    }

    private static KeyValuePair<string, object?> Queue(QueueStatistics statistics) => new("queue", statistics.Queue);

    private IEnumerable<Measurement<long>> Each(Func<QueueStatistics, long> value) =>
        _queues.Select(s => new Measurement<long>(value(s), Queue(s)));

    private IEnumerable<Measurement<double>> Seconds(Func<QueueStatistics, TimeSpan?> value) =>
        _queues.Select(s => new Measurement<double>(value(s)?.TotalSeconds ?? 0, Queue(s)));

    private IEnumerable<Measurement<long>> Jobs() => _queues.SelectMany(s => new[]
    {
        Tagged(s, "state", "waiting", s.Backlog.Waiting),
        Tagged(s, "state", "in_flight", s.Backlog.InFlight),
        Tagged(s, "state", "delayed", s.Delayed),
        Tagged(s, "state", "dead", s.DeadLetters),
    });

    private IEnumerable<Measurement<long>> Totals() => _queues.SelectMany(s => new[]
    {
        Tagged(s, "step", "enqueued", s.EnqueuedTotal),
        Tagged(s, "step", "started", s.StartedTotal),
        Tagged(s, "step", "completed", s.CompletedTotal),
        Tagged(s, "step", "retried", s.RetriedTotal),
        Tagged(s, "step", "recovered", s.RecoveredTotal),
        Tagged(s, "step", "released", s.ReleasedTotal),
        Tagged(s, "step", "buried", s.BuriedTotal),
        Tagged(s, "step", "redriven", s.RedrivenTotal),
    });

    private static Measurement<long> Tagged(QueueStatistics s, string key, string value, long count) =>
        new(count, Queue(s), new KeyValuePair<string, object?>(key, value));
}
