using System.Diagnostics.Metrics;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Worker.Execution;
using K8sQueue.Worker.Hosting;
using Microsoft.Extensions.Options;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace K8sQueue.Worker.Telemetry;

/// <summary>What a worker measures. Labelled by queue, handler and outcome; never by job.</summary>
internal sealed class WorkerMetrics
{
    public const string MeterName = "K8sQueue.Worker";

    /// <summary>The outcome of a job that had another owner by then, as the worker knew.</summary>
    public const string Lost = "lost";

    /// <summary>The outcome of a job that had another owner by then, as the worker did not know.</summary>
    public const string Fenced = "fenced";

    // The conventions' own end at 10 s; jobs last longer.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600],
    };

    private readonly Counter<long> _started;
    private readonly Counter<long> _jobs;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _promoted;
    private readonly Counter<long> _brokerErrors;
    private readonly Counter<long> _abandoned;
    private readonly Histogram<double> _wait;
    private readonly Histogram<double> _duration;

    public WorkerMetrics(IMeterFactory meters, RunningJobs running, WorkerHealth health, IOptions<WorkerOptions> options)
    {
        var meter = meters.Create(MeterName);
        _started = meter.CreateCounter<long>("k8squeue.jobs.started", "{job}", "Starts of jobs.");
        _jobs = meter.CreateCounter<long>(
            "k8squeue.jobs", "{job}", "Starts that ended, by outcome: completed, retried, buried, released, cancelled, lost or fenced.");
        _retries = meter.CreateCounter<long>("k8squeue.retries", "{job}", "Attempts that failed and have a successor.");
        _promoted = meter.CreateCounter<long>("k8squeue.jobs.promoted", "{job}", "Delayed jobs that this process moved into a lane.");
        _brokerErrors = meter.CreateCounter<long>("k8squeue.broker.errors", "{error}", "Calls to the broker that failed, by operation.");
        _abandoned = meter.CreateCounter<long>(
            "k8squeue.handlers.abandoned", "{handler}", "Handlers that did not stop when their time-out was over; their jobs count as failed.");
        _wait = meter.CreateHistogram<double>(
            "k8squeue.job.wait", "s", "From acceptance to the start of the first attempt; a delay that was asked for counts.", [], Seconds);

        // https://opentelemetry.io/docs/specs/semconv/messaging/messaging-metrics/
        _duration = meter.CreateHistogram<double>("messaging.process.duration", "s", "How long handlers ran.", [], Seconds);
        meter.CreateObservableUpDownCounter("k8squeue.workers.busy", () => (long)running.Started, "{job}", "Jobs that run in this process.");
        meter.CreateObservableUpDownCounter(
            "k8squeue.worker.concurrency", () => (long)options.Value.Concurrency, "{job}", "Jobs that may run at once in this process.");
        meter.CreateObservableUpDownCounter(
            "k8squeue.worker.abandoned", () => (long)running.Abandoned, "{handler}", "Abandoned handlers that still run.");
        meter.CreateObservableGauge("k8squeue.worker.ready", () => health.NotReadyReason is null ? 1 : 0, null, "1 where /readyz says so.");
    }

    public void Started(JobEnvelope job) => _started.Add(1, Label("queue", job.Id.Queue));

    /// <summary>A job starts; <paramref name="now"/> is by the broker's clock.</summary>
    public void Waited(JobEnvelope job, DateTimeOffset now)
    {
        if (job is { Attempt: 1, Epoch: 1 })
            _wait.Record(Math.Max(0, (now - job.EnqueuedAt).TotalSeconds), Label("queue", job.Id.Queue));
    }

    public void Handled(JobEnvelope job, string handler, JobOutcome outcome, TimeSpan duration) => _duration.Record(
        duration.TotalSeconds, Label("queue", job.Id.Queue), Label("handler", handler), Label("outcome", outcome.Name));

    public void Settled(JobEnvelope job, string outcome)
    {
        var queue = Label("queue", job.Id.Queue);
        _jobs.Add(1, queue, Label("outcome", outcome));
        if (outcome == "retried")
            _retries.Add(1, queue);
    }

    public void Maintained(string queue, MaintenanceReport report)
    {
        if (report.Promoted > 0)
            _promoted.Add(report.Promoted, Label("queue", queue));
    }

    public void Abandoned(JobEnvelope job, string handler) =>
        _abandoned.Add(1, Label("queue", job.Id.Queue), Label("handler", handler));

    public void BrokerError(string operation) => _brokerErrors.Add(1, Label("operation", operation));

    private static Tag Label(string name, string value) => new(name, value);
}
