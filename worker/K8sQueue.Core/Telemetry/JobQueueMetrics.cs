using System.Diagnostics.Metrics;

namespace K8sQueue.Core.Telemetry;

/// <summary>Counters of the queue's client. Labelled by queue, never by job.</summary>
public sealed class JobQueueMetrics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "K8sQueue.Core";

    private readonly Counter<long> _enqueued;
    private readonly Counter<long> _leasesExpired;
    private readonly Counter<long> _fencedWrites;
    private readonly Counter<long> _recovered;
    private readonly Counter<long> _schedulesFired;

    /// <summary>Makes the instruments; without a factory, those of a queue that was made by hand and has no host.</summary>
    public JobQueueMetrics(IMeterFactory? meters = null)
    {
#pragma warning disable CA2000 // Without a factory the meter lives as long as the process, as static meters do.
        var meter = meters?.Create(MeterName) ?? new Meter(new MeterOptions(MeterName) { Scope = this });
#pragma warning restore CA2000
        _enqueued = meter.CreateCounter<long>("k8squeue.jobs.enqueued", "{job}", "Jobs that the broker accepted from this process.");
        _leasesExpired = meter.CreateCounter<long>("k8squeue.lease.expired", "{job}", "Jobs that this process lost while it ran them.");
        _fencedWrites = meter.CreateCounter<long>(
            "k8squeue.fenced.writes", "{job}", "Outcomes that were refused because the job had another owner by then.");
        _recovered = meter.CreateCounter<long>("k8squeue.jobs.recovered", "{job}", "Jobs that this process took from a lost owner.");
        _schedulesFired = meter.CreateCounter<long>("k8squeue.schedules.fired", "{job}", "Jobs that this process enqueued because a schedule was due.");
    }

    internal void Enqueued(string queue, int jobs) => Add(_enqueued, queue, jobs);

    internal void LeaseExpired(string queue, int jobs) => Add(_leasesExpired, queue, jobs);

    internal void FencedWrite(string queue, int jobs) => Add(_fencedWrites, queue, jobs);

    internal void Recovered(string queue, int jobs) => Add(_recovered, queue, jobs);

    internal void ScheduleFired(string queue, int jobs) => Add(_schedulesFired, queue, jobs);

    private static void Add(Counter<long> counter, string queue, int jobs)
    {
        if (jobs > 0)
            counter.Add(jobs, new KeyValuePair<string, object?>("queue", queue));
    }
}
