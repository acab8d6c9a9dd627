using K8sQueue.Api.Diagnostics;
using K8sQueue.Api.Hosting;
using K8sQueue.Core.Capacity;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Trends;

namespace K8sQueue.Api.Telemetry;

/// <summary>Reads the queues' counts every few seconds, so that a scrape, which needs no key, costs the broker nothing.</summary>
internal sealed partial class QueueSampler(
    IJobQueue jobs, QueueMetrics metrics, QueueTrends trends, WaitTrends waits, QueueHistory history, TimeProvider time, ILogger<QueueSampler> logger)
    : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>How often capacity is sampled, which is a mean over minutes and an hour.</summary>
    public static readonly TimeSpan CapacityInterval = TimeSpan.FromSeconds(30);

    private const int Concurrency = 4;

    private long? _capacityAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            if (await SampleAsync(stoppingToken) is { } queues)
            {
                metrics.Set(queues);
                history.Add(queues);
                await WithinTurnAsync(token => KeepAsync(queues, token), stoppingToken);
                await SampleCapacityAsync(queues, stoppingToken);
            }
            else
            {
                metrics.Clear();
                _capacityAt = null;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private Task<IReadOnlyList<QueueStatistics>?> SampleAsync(CancellationToken stoppingToken) => WithinTurnAsync<IReadOnlyList<QueueStatistics>>(
        async token => await ParallelReads.OfAsync(await jobs.ListQueuesAsync(token), Concurrency, jobs.GetStatisticsAsync, token), stoppingToken);

    private async Task<IReadOnlyList<QueueStatistics>> KeepAsync(IReadOnlyList<QueueStatistics> queues, CancellationToken token)
    {
        await trends.AddAsync(queues, token);
        return queues;
    }

    private async Task SampleCapacityAsync(IReadOnlyList<QueueStatistics> queues, CancellationToken stoppingToken)
    {
        if (_capacityAt is { } at && time.GetElapsedTime(at) < CapacityInterval)
            return;
        var capacities = await WithinTurnAsync(
            token => ParallelReads.OfAsync(
                queues,
                Concurrency,
                async (queue, turn) => ReadLoad(queue.Queue, await jobs.Load.ReadAsync(queue.Queue, turn)),
                token),
            stoppingToken);
        metrics.Set([.. (capacities ?? []).Select(queue => (queue.Queue, queue.Capacity))]);
        if (capacities is null)
            return;
        _capacityAt = time.GetTimestamp();
        await WithinTurnAsync(
            async token =>
            {
                await waits.AddAsync([.. capacities.Select(queue => (queue.Queue, queue.Waits))], token);
                return capacities;
            },
            stoppingToken);
    }

    private static (string Queue, QueueCapacity Capacity, WaitSteps Waits) ReadLoad(string queue, LoadHistory history) =>
        (queue, CapacityEstimator.Estimate(history), WaitSteps.Of(history));

    /// <summary>Null where it failed or took longer than a turn.</summary>
    private async Task<T?> WithinTurnAsync<T>(Func<CancellationToken, Task<T>> read, CancellationToken stoppingToken)
        where T : class
    {
        using var deadline = new CancellationTokenSource(Interval, time);
        using var turn = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, deadline.Token);
        try
        {
            return await read(turn.Token);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            Log.Failed(logger, e.Message);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "No sample of the queues: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
