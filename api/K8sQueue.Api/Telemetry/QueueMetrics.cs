using System.Diagnostics.Metrics;
using K8sQueue.Core.Capacity;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Telemetry;

/// <summary>The queues' counts as metrics, from the last sample. There is no label but the queue and the state.</summary>
internal sealed class QueueMetrics
{
    public const string MeterName = "K8sQueue.Api";

    private volatile IReadOnlyList<QueueStatistics> _queues = [];
    private volatile bool _brokerUp;
    private volatile IReadOnlyList<(string Queue, QueueCapacity Capacity)> _capacities = [];

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
        AddCapacity(meter);
        meter.CreateObservableCounter("k8squeue.queue.jobs", Totals, "{job}", "Jobs of a queue that took this step, since the queue began.");
    }

    /// <summary>The counts of the last sample; empty while the broker does not answer.</summary>
    public IReadOnlyList<QueueStatistics> Queues => _queues;

    /// <summary>The capacity of the last sample of it.</summary>
    public IReadOnlyList<(string Queue, QueueCapacity Capacity)> Capacities => _capacities;

    /// <summary>Takes over a sample of the queues' counts.</summary>
    public void Set(IReadOnlyList<QueueStatistics> queues) => (_brokerUp, _queues) = (true, queues);

    /// <summary>Takes over a sample of the queues' capacity.</summary>
    public void Set(IReadOnlyList<(string Queue, QueueCapacity Capacity)> capacities) => _capacities = capacities;

    /// <summary>The broker did not answer: no series is left that would look current.</summary>
    public void Clear() => (_brokerUp, _queues, _capacities) = (false, [], []);

    private void AddCapacity(Meter meter)
    {
        Gauge("arrival_rate", "{job}/s", "Jobs enqueued a second, in the begun minute and the one before.", c => c.ArrivalRate);
        Gauge("peak_arrival_rate", "{job}/s", "Jobs enqueued a second in the busiest minute of the last hour.", c => c.PeakArrivalRate);
        Gauge("utilization", null, "Slots in use of those that the queue's workers have, 0 to 1.", c => c.Utilization);
        Gauge("slots", "{slot}", "Slots of the queue's workers.", c => c.Slots);
        Gauge("slots_in_use", "{slot}", "Slots that run the queue's jobs.", c => c.SlotsInUse);
        Gauge("recommended_slots", "{slot}", "Peak arrival rate by mean duration, and a quarter more.", c => c.RecommendedSlots);
        Gauge("recommended_workers", "{worker}", "Workers that have the recommended slots.", c => c.RecommendedWorkers);
        meter.CreateObservableGauge(
            "k8squeue.queue.job_duration", () => Times(c => c.MeanDuration, c => c.DurationP95), "s", "How long attempts ran in the last hour.");
        meter.CreateObservableGauge(
            "k8squeue.queue.job_wait", () => Times(c => c.MeanWait, c => c.WaitP95), "s", "How long jobs in a lane waited for a start in the last hour.");

        void Gauge(string name, string? unit, string description, Func<QueueCapacity, double?> value) =>
            meter.CreateObservableGauge($"k8squeue.queue.{name}", () => Known(value), unit, description);
    }

    // What is not known has no series, since a zero would be a figure.
    private IEnumerable<Measurement<double>> Known(Func<QueueCapacity, double?> value, params KeyValuePair<string, object?>[] tags) =>
        from entry in _capacities
        let known = value(entry.Capacity)
        where known is not null
        select new Measurement<double>(known.Value, [new("queue", entry.Queue), .. tags]);

    private IEnumerable<Measurement<double>> Times(Func<QueueCapacity, TimeSpan?> mean, Func<QueueCapacity, TimeSpan?> p95) =>
        Known(c => mean(c)?.TotalSeconds, new KeyValuePair<string, object?>("stat", "mean"))
            .Concat(Known(c => p95(c)?.TotalSeconds, new KeyValuePair<string, object?>("stat", "p95")));

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
        Tagged(s, "state", "parked", s.Parked),
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
        Tagged(s, "step", "cancelled", s.CancelledTotal),
        Tagged(s, "step", "stopped", s.StoppedTotal),
    });

    private static Measurement<long> Tagged(QueueStatistics s, string key, string value, long count) =>
        new(count, Queue(s), new KeyValuePair<string, object?>(key, value));
}
