using K8sQueue.Core.Capacity;
using K8sQueue.Core.Queues;
using K8sQueue.Worker.Hosting;
using K8sQueue.Worker.Telemetry;
using Microsoft.Extensions.Options;

namespace K8sQueue.Worker.Capacity;

/// <summary>Tells the broker what the worker did for its queues. A report that fails is part of the next one.</summary>
internal sealed partial class LoadReporter(
    IJobQueue jobs, WorkerLoad load, IOptions<WorkerOptions> options, WorkerMetrics metrics, TimeProvider time, ILogger<LoadReporter> logger)
{
    private readonly Dictionary<string, Report> _reports =
        options.Value.Queues.ToDictionary(queue => queue, _ => new Report { At = time.GetTimestamp() }, StringComparer.Ordinal);

    /// <summary>Reports on a queue where the last report is <see cref="LoadReports.Interval"/> old. Never two calls for a queue at once.</summary>
    public Task ReportIfDueAsync(string queue, CancellationToken cancellationToken) =>
        IsDue(queue) ? ReportAsync(queue, cancellationToken) : Task.CompletedTask;

    /// <summary>Whether the last report on a queue is <see cref="LoadReports.Interval"/> old.</summary>
    public bool IsDue(string queue) => time.GetElapsedTime(_reports[queue].At) >= LoadReports.Interval;

    /// <summary>Reports on every queue, at the worker's end.</summary>
    public Task ReportAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_reports.Keys.Select(queue => ReportAsync(queue, cancellationToken)));

    private async Task ReportAsync(string queue, CancellationToken cancellationToken)
    {
        var report = _reports[queue];
        report.At = time.GetTimestamp();
        var sample = load.Take(queue);
        if (report.Unsent is { } unsent)
            sample = unsent.With(sample);
        report.Unsent = sample;
        try
        {
            await jobs.Load.ReportAsync(queue, sample, cancellationToken).ConfigureAwait(false);
            report.Unsent = null;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Housekeeping, which runs far more often, says that the broker is away.
            metrics.BrokerError("report");
            Log.Failed(logger, e is JobQueueUnavailableException ? null : e, queue, e.Message);
        }
    }

    private sealed class Report
    {
        public long At { get; set; }

        public LoadSample? Unsent { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(45, LogLevel.Debug, "The load of queue {Queue} could not be reported and is part of the next report: {Message}")]
        public static partial void Failed(ILogger logger, Exception? exception, string queue, string message);
    }
}
