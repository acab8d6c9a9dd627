using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Worker.Capacity;
using K8sQueue.Worker.Hosting;
using K8sQueue.Worker.Telemetry;
using Microsoft.Extensions.Options;

namespace K8sQueue.Worker.Execution;

/// <summary>
/// Does every queue's housekeeping, each at a pace of its own: a queue that is slow must not hold up another, whose broker would take
/// the pause for an outage and recover nothing. It goes on during a drain, and is the pulse that liveness looks at.
/// </summary>
internal sealed partial class MaintenanceLoop(
    IJobQueue queue,
    IOptions<WorkerOptions> options,
    IOptions<RedisQueueOptions> queueOptions,
    LoadReporter load,
    WorkerMetrics metrics,
    WorkerHealth health,
    TimeProvider time,
    ILogger<MaintenanceLoop> logger)
{
    /// <summary>Calls that are under way at once: a worker of many queues does not send them all at the same moment.</summary>
    private const int MaxCalls = 16;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var calls = new SemaphoreSlim(MaxCalls);
        await Task.WhenAll(options.Value.Queues.Select(name => RunAsync(name, calls, cancellationToken))).ConfigureAwait(false);
    }

    private async Task RunAsync(string name, SemaphoreSlim calls, CancellationToken cancellationToken)
    {
        using var ticks = new PeriodicTimer(queueOptions.Value.MaintenanceInterval, time);
        do
        {
            await calls.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                health.Turned();
                await MaintainAsync(name, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                calls.Release();
            }
        }
        while (await ticks.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
    }

    private async Task MaintainAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var report = await queue.MaintainAsync(name, cancellationToken).ConfigureAwait(false);
            health.BrokerAnswered();
            metrics.Maintained(name, report);
            if (report.Recovered > 0 || report.Buried > 0)
                Log.Recovered(logger, name, report.Recovered, report.Buried);
            await load.ReportIfDueAsync(name, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            health.BrokerFailed(e.Message);
            metrics.BrokerError("maintain");
            Log.Failed(logger, e is JobQueueUnavailableException ? null : e, name, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(40, LogLevel.Information, "Queue {Queue}: {Recovered} jobs of lost workers were put back, {Buried} became dead letters")]
        public static partial void Recovered(ILogger logger, string queue, int recovered, int buried);

        [LoggerMessage(41, LogLevel.Warning, "Housekeeping of queue {Queue} failed: {Message}")]
        public static partial void Failed(ILogger logger, Exception? exception, string queue, string message);
    }
}
