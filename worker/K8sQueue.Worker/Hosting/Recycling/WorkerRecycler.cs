using K8sQueue.Core.Queues;
using K8sQueue.Worker.Execution;
using K8sQueue.Worker.Telemetry;
using Microsoft.Extensions.Options;

namespace K8sQueue.Worker.Hosting;

/// <summary>
/// Looks once a second whether the worker is to start anew. Then it fetches no more, is not ready, finishes the jobs that it holds within the
/// drain's time-out, and stops the host, whose drain hands back what is left, after which the process executes itself again. A signal
/// meanwhile is an ordinary drain, and a fault ends the process.
/// </summary>
internal sealed partial class WorkerRecycler(
    IOptions<WorkerOptions> options,
    RunningJobs running,
    FetchGate gate,
    WorkerHealth health,
    WorkerDrain drain,
    RecycleRequest request,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<WorkerRecycler> logger) : IHostedService, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private Task _run = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value is { RecycleAfterJobs: 0, RecycleAboveMiB: 0 })
            return Task.CompletedTask;
        lifetime.ApplicationStopping.Register(_stopping.Cancel);
        _run = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _run.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync()
    {
        try
        {
            await WatchAsync(_stopping.Token).ConfigureAwait(false);
            Log.Recycling(logger, running.Total, Environment.WorkingSet / (1024 * 1024), running.Count);
            if (!await TryFinishAsync(_stopping.Token).ConfigureAwait(false))
            {
                Log.Unfinished(logger, running.Count, options.Value.DrainTimeout);
                drain.Hasten();
            }

            request.Make();
            if (lifetime.ApplicationStopping.IsCancellationRequested)
                request.TakeBack();
            lifetime.StopApplication();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The host stops for good.
        }
        catch (Exception e)
        {
            // It fetches no more by now perhaps, and nobody else would notice.
            Log.Failed(logger, e, e.Message);
            Environment.ExitCode = e is JobQueueConfigurationException ? WorkerExit.Misconfigured : WorkerExit.Failed;
            lifetime.StopApplication();
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        long? collected = null;
        using var ticks = new PeriodicTimer(Interval, time);
        while (await ticks.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            // Whoever holds the worker is about to end it.
            if (gate.QuiescedUntil is not null)
                continue;
            TimeSpan? sinceCollection = collected is { } at ? time.GetElapsedTime(at) : null;
            switch (RecycleRules.Decide(options.Value, running.Total, Environment.WorkingSet, time.GetElapsedTime(started), sinceCollection))
            {
                case RecycleStep.Recycle:
                    return;
                case RecycleStep.Collect:
                    GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                    collected = time.GetTimestamp();
                    break;
            }
        }
    }

    /// <summary>False where jobs still ran when the time was over.</summary>
    private async Task<bool> TryFinishAsync(CancellationToken cancellationToken)
    {
        health.Drain();
        using var limit = new CancellationTokenSource(options.Value.DrainTimeout, time);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            await FinishFetchingAsync(bound.Token).ConfigureAwait(false);
            await running.WaitForSettledAsync().WaitAsync(bound.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task FinishFetchingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await gate.FinishAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (JobQueueUnavailableException e)
        {
            // The drain hands back what a fetch that is still out may bring.
            Log.FetchUnsettled(logger, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(70, LogLevel.Information, "Recycling after {Jobs} jobs, with {MiB} MiB of memory: {Running} jobs are finished first")]
        public static partial void Recycling(ILogger logger, long jobs, long miB, int running);

        [LoggerMessage(71, LogLevel.Warning, "The broker did not confirm that fetching ended: {Message}")]
        public static partial void FetchUnsettled(ILogger logger, string message);

        [LoggerMessage(72, LogLevel.Warning, "{Running} jobs did not end within {Timeout}: they are handed back, and the worker starts anew")]
        public static partial void Unfinished(ILogger logger, int running, TimeSpan timeout);

        [LoggerMessage(73, LogLevel.Critical, "The worker could not be recycled, so it stops: {Message}")]
        public static partial void Failed(ILogger logger, Exception exception, string message);
    }
}
