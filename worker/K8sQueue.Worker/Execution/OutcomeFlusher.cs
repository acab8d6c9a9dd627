using System.Threading.Channels;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Worker.Capacity;
using K8sQueue.Worker.Telemetry;

namespace K8sQueue.Worker.Execution;

/// <summary>
/// Records outcomes. One flush is under way at a time; whatever ends meanwhile is in the next, so an idle worker's outcome
/// leaves at once, and a busy one's leave in batches. What could not be recorded is tried again until the broker answers, though its
/// lease is lost: where nobody took the job, its lease is renewed on, and only an outcome ends it. What waits is in a slot, so that
/// there is never more than a worker's concurrency of it.
/// </summary>
internal sealed partial class OutcomeFlusher(
    RunningJobs running, WorkerLoad load, WorkerMetrics metrics, WorkerHealth health, TimeProvider time, ILogger<OutcomeFlusher> logger)
{
    private const int MaxBatch = 500;

    private static readonly RetryPolicy Backoff = new() { Delay = TimeSpan.FromMilliseconds(50), MaxDelay = TimeSpan.FromSeconds(1), Jitter = 0.5 };

    private readonly Channel<PendingOutcome> _pending =
        Channel.CreateUnbounded<PendingOutcome>(new UnboundedChannelOptions { SingleReader = true });

    public void Add(RunningJob job, JobOutcome outcome) => _pending.Writer.TryWrite(new PendingOutcome(job, outcome));

    /// <summary>The job's handler has ended. Frees the slot where the outcome is settled.</summary>
    public void End(RunningJob job)
    {
        if (job.End())
            running.Remove(job);
    }

    /// <summary>Flushes until cancelled.</summary>
    public async Task RunAsync(IJobConsumer consumer, CancellationToken cancellationToken)
    {
        var batch = new List<PendingOutcome>(MaxBatch);
        while (await _pending.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            batch.Clear();
            while (batch.Count < MaxBatch && _pending.Reader.TryRead(out var pending))
                batch.Add(pending);
            await FlushAsync(consumer, batch, cancellationToken).ConfigureAwait(false);
        }
    }

    private Task FlushAsync(IJobConsumer consumer, List<PendingOutcome> batch, CancellationToken cancellationToken)
    {
        var together = batch.Where(p => !p.Alone).GroupBy(p => p.Outcome.GetType()).Select(group => group.ToList());
        var alone = batch.Where(p => p.Alone).Select(p => new List<PendingOutcome> { p });
        return Task.WhenAll(together.Concat(alone).Select(group => RecordAsync(consumer, group, cancellationToken)));
    }

    private async Task RecordAsync(IJobConsumer consumer, List<PendingOutcome> group, CancellationToken cancellationToken)
    {
        try
        {
            var answers = await OutcomeRecorder.RecordAsync(consumer, group, cancellationToken).ConfigureAwait(false);
            health.BrokerAnswered();
            for (var i = 0; i < group.Count; i++)
                Answered(group[i], answers[i]);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (JobQueueUnavailableException e)
        {
            health.BrokerFailed(e.Message);
            metrics.BrokerError("outcome");
            Log.Unavailable(logger, group.Count, e.Message);
            TryAgain(group, alone: false);
        }
        catch (Exception e)
        {
            // Nothing that is expected. One by one, so that one that can't be recorded holds up no other.
            metrics.BrokerError("outcome");
            Log.Failed(logger, e, group.Count);
            TryAgain(group, alone: true);
        }
    }

    private void TryAgain(List<PendingOutcome> group, bool alone)
    {
        foreach (var pending in group)
        {
            pending.Failures++;
            pending.Alone |= alone;
        }

#pragma warning disable CA5394 // Jitter is no secret.
        var delay = Backoff.DelayAfter(Math.Min(group[0].Failures, 20), Random.Shared.NextDouble());
#pragma warning restore CA5394
        _ = Task.Delay(delay, time, CancellationToken.None).ContinueWith(
            (_, state) =>
            {
                foreach (var pending in (List<PendingOutcome>)state!)
                    _pending.Writer.TryWrite(pending);
            },
            group,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private void Answered(PendingOutcome pending, LeaseOutcome answer)
    {
        if (answer == LeaseOutcome.Done || pending.Failures > 0)
        {
            // Gone after a call that failed may be that call's own doing.
            Settled(pending, pending.Outcome.Name);
            return;
        }

        Log.Fenced(logger, pending.Job.Job.Id, pending.Outcome.Name);
        Settled(pending, pending.Job.Lease.Lost.IsCancellationRequested ? WorkerMetrics.Lost : WorkerMetrics.Fenced);
    }

    private void Settled(PendingOutcome pending, string outcome)
    {
        metrics.Settled(pending.Job.Job, outcome);
        load.Settled(pending.Job, pending.Outcome);
        pending.Job.Settle();
        if (pending.Job.End())
            running.Remove(pending.Job);
        else
            running.Replace(pending.Job);
    }

    private static partial class Log
    {
        [LoggerMessage(20, LogLevel.Warning, "{Count} outcomes could not be recorded and are tried again: {Message}")]
        public static partial void Unavailable(ILogger logger, int count, string message);

        [LoggerMessage(21, LogLevel.Error, "{Count} outcomes could not be recorded and are tried again, one by one")]
        public static partial void Failed(ILogger logger, Exception exception, int count);

        [LoggerMessage(22, LogLevel.Warning, "Job {JobId} had another owner by then; its outcome ({Outcome}) was refused")]
        public static partial void Fenced(ILogger logger, JobId jobId, string outcome);
    }
}
