using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Worker.Capacity;
using K8sQueue.Worker.Hosting;
using K8sQueue.Worker.Telemetry;
using Microsoft.Extensions.Options;

namespace K8sQueue.Worker.Execution;

/// <summary>
/// Does the housekeeping of the queues that have some. One that is slow holds up no other, whose broker would take
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

    private readonly Dictionary<string, Task> _turns = options.Value.Queues.ToDictionary(name => name, _ => Task.CompletedTask, StringComparer.Ordinal);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var calls = new SemaphoreSlim(MaxCalls);
        using var ticks = new PeriodicTimer(queueOptions.Value.MaintenanceInterval, time);
        try
        {
            do
            {
                await TurnAsync(calls, cancellationToken).ConfigureAwait(false);
            }
            while (await ticks.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            await Task.WhenAll(_turns.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TurnAsync(SemaphoreSlim calls, CancellationToken cancellationToken)
    {
        var idle = _turns.Where(turn => turn.Value.IsCompleted).Select(turn => turn.Key).ToArray();
        if (idle.Length == 0)
            return;
        health.Turned();
        var due = (await FindDueAsync(idle, cancellationToken).ConfigureAwait(false)).ToHashSet(StringComparer.Ordinal);
        foreach (var name in idle.Where(name => due.Contains(name) || load.IsDue(name)))
            _turns[name] = RunAsync(name, due.Contains(name), calls, cancellationToken);
    }

    private async Task<IReadOnlyList<string>> FindDueAsync(string[] names, CancellationToken cancellationToken)
    {
        try
        {
            var due = await queue.FindDueAsync(names, cancellationToken).ConfigureAwait(false);
            if (due.Count == 0)
                health.BrokerAnswered(); // else the queues' own turns say whether it does
            return due;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Failed(e, "all");
            return [];
        }
    }

    private async Task RunAsync(string name, bool due, SemaphoreSlim calls, CancellationToken cancellationToken)
    {
        await calls.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            health.Turned();
            if (due)
                await MaintainAsync(name, cancellationToken).ConfigureAwait(false);
            await load.ReportIfDueAsync(name, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Failed(e, name);
        }
        finally
        {
            calls.Release();
        }
    }

    private async Task MaintainAsync(string name, CancellationToken cancellationToken)
    {
        var report = await queue.MaintainAsync(name, cancellationToken).ConfigureAwait(false);
        health.BrokerAnswered();
        metrics.Maintained(name, report);
        if (report.Recovered > 0 || report.Buried > 0)
            Log.Recovered(logger, name, report.Recovered, report.Buried);
    }

    private void Failed(Exception e, string name)
    {
        health.BrokerFailed(e.Message);
        metrics.BrokerError("maintain");
        Log.Failed(logger, e is JobQueueUnavailableException or JobQueueConfigurationException ? null : e, name, e.Message);
    }

    private static partial class Log
    {
        [LoggerMessage(40, LogLevel.Information, "Queue {Queue}: {Recovered} jobs of lost workers were put back, {Buried} became dead letters")]
        public static partial void Recovered(ILogger logger, string queue, int recovered, int buried);

        [LoggerMessage(41, LogLevel.Warning, "Housekeeping of queue {Queue} failed: {Message}")]
        public static partial void Failed(ILogger logger, Exception? exception, string queue, string message);
    }
}
