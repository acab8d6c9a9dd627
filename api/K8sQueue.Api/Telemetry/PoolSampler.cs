using K8sQueue.Api.Cluster;

namespace K8sQueue.Api.Telemetry;

/// <summary>Reads the pools every few seconds, where there is a cluster, so that their replicas have a history.</summary>
internal sealed partial class PoolSampler(ClusterReader cluster, PoolTrends trends, TimeProvider time, ILogger<PoolSampler> logger) : BackgroundService
{
    /// <summary>Four samples in the shortest step that is shown: every replica of the API takes them.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!cluster.IsConfigured)
            return;
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                trends.Add(await cluster.ListPoolsAsync(stoppingToken));
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.Failed(logger, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "No sample of the pools: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
