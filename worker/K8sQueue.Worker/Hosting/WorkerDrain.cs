using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using K8sQueue.Core.Queues;
using K8sQueue.Worker.Execution;
using Microsoft.Extensions.Options;

namespace K8sQueue.Worker.Hosting;

/// <summary>
/// The end of a worker: no more fetches; what runs may finish within the drain time-out; what is left is told to stop and handed
/// back; the consumer leaves the broker. Every step has a bound, so a drain ends though the broker is down, and none keeps the next from
/// being taken, whatever the broker answers. Leases are renewed meanwhile, and what could not be handed back is recovered when they end.
/// </summary>
[SuppressMessage("Usage", "CA2213", Justification = "A source without a timer holds nothing; a late signal may still come.")]
internal sealed partial class WorkerDrain(
    RunningJobs running, JobExecutor executor, IOptions<WorkerOptions> options, TimeProvider time, ILogger<WorkerDrain> logger)
    : IDisposable
{
    // Together, and with JobWorker's last step of 1 second, less than WorkerOptions.DrainMargin.
    internal static readonly TimeSpan StopBound = TimeSpan.FromSeconds(4);
    internal static readonly TimeSpan FlushBound = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FetchBound = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LeaveBound = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _hasten = new();
    private readonly List<PosixSignalRegistration> _signals = [];

    /// <summary>Ends the wait for running jobs, or leaves it out where the drain has not begun.</summary>
    public void Hasten() => _hasten.Cancel();

    /// <summary>From now on, another SIGTERM or SIGINT ends the wait for running jobs.</summary>
    public void HastenOnSignal()
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT])
        {
            _signals.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                Hasten();
            }));
        }
    }

    /// <param name="consumer">The consumer, whose fetching was told to stop.</param>
    /// <param name="fetchSettled">Completes when no fetch is outstanding.</param>
    /// <param name="cancellationToken">Hastens the drain, as a second signal does.</param>
    public async Task RunAsync(IJobConsumer consumer, Task fetchSettled, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var atStart = running.Count;
        Log.Started(logger, atStart, options.Value.DrainTimeout);
        using (var limit = new CancellationTokenSource(options.Value.DrainTimeout, time))
        using (var bound = CancellationTokenSource.CreateLinkedTokenSource(_hasten.Token, limit.Token, cancellationToken))
        {
            StopWaiting();
            if (!await WithinAsync(fetchSettled, FetchBound).ConfigureAwait(false))
                Log.FetchUnsettled(logger);
            StopWaiting(); // what the last fetch started meanwhile
            await WithinAsync(running.WaitForSettledAsync(), bound.Token).ConfigureAwait(false);
        }

        await StopRunningAsync().ConfigureAwait(false);
        var left = Unsettled();
        if (left.Count > 0)
            Log.NotHandedBack(logger, left.Count, string.Join(", ", left.Take(20).Select(job => job.Job.Id)));
        var clean = await LeaveAsync(consumer).ConfigureAwait(false);
        Log.Ended(logger, time.GetElapsedTime(started), clean);
    }

    public void Dispose()
    {
        foreach (var signal in _signals)
            signal.Dispose();
    }

    private void StopWaiting()
    {
        foreach (var job in running.Snapshot())
            job.StopWaiting(StopCause.Draining);
    }

    private async Task StopRunningAsync()
    {
        var jobs = Unsettled();
        if (jobs.Count == 0)
            return;
        Log.Stopping(logger, jobs.Count);
        foreach (var job in jobs)
            job.Stop(StopCause.Draining);
        await WithinAsync(running.WaitForSettledAsync(), StopBound).ConfigureAwait(false);

        // Handlers that do not stop: their jobs are handed back over their heads, and their late outcomes dropped.
        foreach (var job in Unsettled())
            executor.Abandon(job, new JobOutcome.Released());
        await WithinAsync(running.WaitForSettledAsync(), FlushBound).ConfigureAwait(false);
    }

    private List<RunningJob> Unsettled() => [.. running.Snapshot().Where(job => !job.IsSettled)];

    private async Task<bool> LeaveAsync(IJobConsumer consumer)
    {
        using var bound = new CancellationTokenSource(LeaveBound, time);
        try
        {
            return await consumer.LeaveAsync(bound.Token).AsTask().WaitAsync(bound.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.NotLeft(logger, IsExpected(e) ? null : e, e.Message);
            return false;
        }
    }

    private async Task<bool> WithinAsync(Task task, TimeSpan limit)
    {
        using var bound = new CancellationTokenSource(limit, time);
        return await WithinAsync(task, bound.Token).ConfigureAwait(false);
    }

    // A refusal of the broker, or whatever else goes wrong in one step, leaves the jobs that the next steps hand back as they were.
    private async Task<bool> WithinAsync(Task task, CancellationToken bound)
    {
        try
        {
            await task.WaitAsync(bound).ConfigureAwait(false);
            return true;
        }
        catch (Exception e)
        {
            if (!IsExpected(e))
                Log.StepFailed(logger, e, e.Message);
            return false;
        }
    }

    private static bool IsExpected(Exception e) => e is OperationCanceledException or JobQueueUnavailableException;

    private static partial class Log
    {
        [LoggerMessage(50, LogLevel.Information, "Draining: {Running} jobs run and have {Timeout}")]
        public static partial void Started(ILogger logger, int running, TimeSpan timeout);

        [LoggerMessage(51, LogLevel.Information, "The drain's time is over: {Count} jobs are stopped and handed back")]
        public static partial void Stopping(ILogger logger, int count);

        [LoggerMessage(52, LogLevel.Warning, "{Count} jobs could not be handed back and will be recovered when their leases end: {Jobs}")]
        public static partial void NotHandedBack(ILogger logger, int count, string jobs);

        [LoggerMessage(53, LogLevel.Warning, "The broker did not confirm that fetching ended")]
        public static partial void FetchUnsettled(ILogger logger);

        [LoggerMessage(54, LogLevel.Warning, "The consumer could not be removed from the broker, which does so later: {Message}")]
        public static partial void NotLeft(ILogger logger, Exception? exception, string message);

        [LoggerMessage(55, LogLevel.Information, "Drained in {Elapsed}; left the broker clean: {Clean}")]
        public static partial void Ended(ILogger logger, TimeSpan elapsed, bool clean);

        [LoggerMessage(56, LogLevel.Error, "A step of the drain failed, and the next one is taken: {Message}")]
        public static partial void StepFailed(ILogger logger, Exception exception, string message);
    }
}
