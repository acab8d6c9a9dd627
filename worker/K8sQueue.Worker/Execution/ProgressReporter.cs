using System.Threading.Channels;
using K8sQueue.Core.Queues;
using K8sQueue.Worker.Telemetry;

namespace K8sQueue.Worker.Execution;

/// <summary>
/// Tells the broker how far tracked jobs are: the last report of each job, those of all jobs in one call, and no more than one call in an
/// <see cref="Interval"/>. Nothing depends on it: what can't be told is tried again as long as its job runs.
/// </summary>
internal sealed partial class ProgressReporter(WorkerMetrics metrics, TimeProvider time, ILogger<ProgressReporter> logger)
{
    /// <summary>The least time between two calls.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Dictionary<RunningJob, (double Share, string? Note)> _pending = [];

    public void Report(RunningJob job, double share, string? note)
    {
        lock (_lock)
            _pending[job] = (share, note);
        _news.Writer.TryWrite(true);
    }

    /// <summary>Reports until cancelled.</summary>
    public async Task RunAsync(IJobConsumer consumer, CancellationToken cancellationToken)
    {
        while (await _news.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            _news.Reader.TryRead(out _);
            await FlushAsync(consumer, cancellationToken).ConfigureAwait(false);
            await Task.Delay(Interval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task FlushAsync(IJobConsumer consumer, CancellationToken cancellationToken)
    {
        Dictionary<RunningJob, (double Share, string? Note)> taken;
        lock (_lock)
            (taken, _pending) = (_pending, []);
        var reports = taken.Where(p => !p.Key.IsSettled).Select(p => new JobProgressReport(p.Key.Lease, p.Value.Share, p.Value.Note)).ToList();
        if (reports.Count == 0)
            return;
        try
        {
            await consumer.ReportProgressAsync(reports, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            metrics.BrokerError("progress");
            Log.Failed(logger, reports.Count, e.Message);
            TryAgain(taken);
        }
    }

    private void TryAgain(Dictionary<RunningJob, (double Share, string? Note)> reports)
    {
        lock (_lock)
        {
            foreach (var (job, report) in reports)
                _pending.TryAdd(job, report);
        }

        _news.Writer.TryWrite(true);
    }

    private static partial class Log
    {
        [LoggerMessage(16, LogLevel.Debug, "The progress of {Count} jobs could not be told and is told again: {Message}")]
        public static partial void Failed(ILogger logger, int count, string message);
    }
}
