using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Worker.Telemetry;
using Microsoft.Extensions.Options;

namespace K8sQueue.Worker.Execution;

/// <summary>Asks for as many jobs as there are free slots, and starts them.</summary>
internal sealed partial class FetchLoop(
    FetchGate gate,
    RunningJobs running,
    RateGate rate,
    JobExecutor executor,
    WorkerMetrics metrics,
    WorkerHealth health,
    IOptions<RedisQueueOptions> queueOptions,
    TimeProvider time,
    ILogger<FetchLoop> logger)
{
    /// <summary>Runs until cancelled. Cancellation ends waits; a fetch is ended by closing the gate, which loses nothing.</summary>
    public async Task RunAsync(IJobConsumer consumer, CancellationToken cancellationToken)
    {
        var backoff = BrokerBackoff.Create(time, (e, delay) =>
        {
            health.BrokerFailed(e.Message);
            metrics.BrokerError("fetch");
            Log.FetchFailed(logger, e is JobQueueUnavailableException ? null : e, delay, e.Message);
        });
        while (!cancellationToken.IsCancellationRequested)
        {
            await backoff.ExecuteAsync(
                async token => await FetchAsync(consumer, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task FetchAsync(IJobConsumer consumer, CancellationToken cancellationToken)
    {
        await running.WaitForFreeAsync(cancellationToken).ConfigureAwait(false);
        var allowed = await rate.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (!gate.TryEnter())
        {
            await gate.WaitForOpenAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        try
        {
            health.Fetching(queueOptions.Value.IdleWait);
            var leases = await consumer.FetchAsync(Math.Min(running.FreeSlots, allowed), CancellationToken.None).ConfigureAwait(false);
            rate.Take(leases.Count);
            health.BrokerAnswered();
            if (gate.TakesArrivals)
            {
                foreach (var lease in leases)
                    executor.Start(consumer, lease);
            }
            else
            {
                foreach (var lease in leases)
                    executor.Return(lease);
            }
        }
        finally
        {
            health.Fetched();
            gate.Exit();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(30, LogLevel.Warning, "Fetching failed and is tried again in {Delay}: {Message}")]
        public static partial void FetchFailed(ILogger logger, Exception? exception, TimeSpan delay, string message);
    }
}
