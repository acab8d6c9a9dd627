using System.Diagnostics.Metrics;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Controllers;
using K8sQueue.Operator.Hosting;
using K8sQueue.Operator.Push.Activation;
using K8sQueue.Operator.Push.Backlogs;

namespace K8sQueue.Operator.Push;

/// <summary>The pushed queues as gauges: what was read last for KEDA, where that is not too old to tell.</summary>
internal sealed class PushMetrics
{
    private static readonly TimeSpan Old = TimeSpan.FromMinutes(5);

    private readonly PoolStores _stores;
    private readonly BacklogSources _sources;

    public PushMetrics(IMeterFactory meters, PoolStores stores, BacklogSources sources)
    {
        (_stores, _sources) = (stores, sources);
        var meter = meters.Create(OperatorMetrics.MeterName);
        meter.CreateObservableGauge(
            "k8squeue_push_backlog_jobs", () => Readings().Select(reading => new Measurement<long>(reading.Backlog.Jobs, reading.Tags)),
            unit: null, "Jobs that wait, run, or are due, as told to KEDA last.");
        meter.CreateObservableGauge(
            "k8squeue_push_oldest_job_age_seconds",
            () => Readings().Select(reading => new Measurement<double>((reading.Backlog.OldestAge ?? TimeSpan.Zero).TotalSeconds, reading.Tags)),
            unit: null, "Age of the oldest of those jobs.");
        meter.CreateObservableGauge("k8squeue_push_streams", () => sources.Streams, unit: null, "Streams that KEDA has open to this process.");
    }

    private IEnumerable<(Core.Redis.QueueBacklog Backlog, KeyValuePair<string, object?>[] Tags)> Readings()
    {
        foreach (var pool in _stores.Pools.List())
        {
            foreach (var spec in pool.Spec.Queues)
            {
                if (PushedQueue.Find(_stores, pool.Key(), spec.Name) is { } queue
                    && _sources.Find(queue.Source)?.Last(spec.Name) is { } last && last.Age < Old)
                {
                    yield return (last.Backlog, [new("namespace", pool.Metadata.Namespace), new("pool", pool.Metadata.Name), new("queue", spec.Name)]);
                }
            }
        }
    }
}
