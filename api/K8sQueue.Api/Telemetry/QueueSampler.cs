using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Telemetry;

/// <summary>Reads the queues' counts every few seconds, so that a scrape, which needs no key, costs the broker nothing.</summary>
internal sealed partial class QueueSampler(IJobQueue jobs, QueueMetrics metrics, TimeProvider time, ILogger<QueueSampler> logger)
    : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private const int Concurrency = 4;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            metrics.Set(await SampleAsync(stoppingToken));
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<IReadOnlyList<QueueStatistics>?> SampleAsync(CancellationToken stoppingToken)
    {
        using var deadline = new CancellationTokenSource(Interval, time);
        using var turn = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, deadline.Token);
        try
        {
            var names = await jobs.ListQueuesAsync(turn.Token);
            var samples = new QueueStatistics[names.Count];
            await Parallel.ForEachAsync(
                names.Index(),
                new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = turn.Token },
                async (entry, token) => samples[entry.Index] = await jobs.GetStatisticsAsync(entry.Item, token));
            return samples;
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
