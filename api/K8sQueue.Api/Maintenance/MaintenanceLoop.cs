using K8sQueue.Core.Capacity;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Maintenance;

/// <summary>
/// Does every queue's housekeeping once a second, so that delayed jobs become due, and jobs of lost workers return, while a pool is at
/// zero. Any number of API replicas and workers do the same side by side.
/// </summary>
internal sealed partial class MaintenanceLoop(IJobQueue jobs, TimeProvider time, ILogger<MaintenanceLoop> logger) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);
    public const int Concurrency = 8;

    private bool _failing;
    private long? _lookedAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            await TurnAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task TurnAsync(CancellationToken stoppingToken)
    {
        // A call that hangs must not end the housekeeping of the other queues for good.
        using var deadline = new CancellationTokenSource(Deadline, time);
        using var turn = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, deadline.Token);
        Exception? failure = null;
        try
        {
            var queues = await jobs.ListQueuesAsync(turn.Token);
            var looks = IsTimeToLook();
            var due = (await jobs.FindDueAsync(queues, turn.Token)).ToHashSet(StringComparer.Ordinal);
            var options = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = turn.Token };
            await Parallel.ForEachAsync(looks ? queues : (IEnumerable<string>)due, options, async (queue, token) =>
            {
                try
                {
                    if (due.Contains(queue))
                        await jobs.MaintainAsync(queue, token);
                    if (looks)
                        await jobs.Load.ReportAsync(queue, LoadSample.None, token);
                }
                catch (Exception e) when (!token.IsCancellationRequested)
                {
                    // One queue's trouble is not the others'.
                    failure = e;
                }
            });
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            failure = e;
        }

        Report(failure);
    }

    // Arrivals are counted where nobody works, too.
    private bool IsTimeToLook()
    {
        if (_lookedAt is { } at && time.GetElapsedTime(at) < LoadReports.Interval)
            return false;
        _lookedAt = time.GetTimestamp();
        return true;
    }

    private void Report(Exception? failure)
    {
        if (failure is not null && !_failing)
            Log.Failing(logger, failure);
        else if (failure is null && _failing)
            Log.Recovered(logger);
        _failing = failure is not null;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Queue maintenance fails; it is tried again every second, and this is logged once")]
        public static partial void Failing(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Information, "Queue maintenance works again")]
        public static partial void Recovered(ILogger logger);
    }
}
