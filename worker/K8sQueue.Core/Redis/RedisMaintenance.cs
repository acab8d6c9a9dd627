using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis.Batches;
using K8sQueue.Core.Redis.Schedules;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis;

/// <summary>Housekeeping: maintain.lua says what a turn does and when leases may be judged.</summary>
internal sealed partial class RedisMaintenance(RedisServices services, ScheduleFirer schedules, OutboxRelay relay)
{
    private const int JobsPerTurn = 100;
    private const int MaxTurns = 100;
    private const int QueuesAScript = 250;

    private readonly ILogger _logger = services.Logger<RedisMaintenance>();

    /// <summary>Of these queues those that have something to do; for the others this was the turn.</summary>
    public async Task<IReadOnlyList<string>> FindDueAsync(IReadOnlyList<string> names)
    {
        var options = services.Options;
        RedisValue[] arguments =
        [
            RedisServices.LayoutVersion, EntryHeader.Milliseconds(options.MaintenanceInterval), EntryHeader.Milliseconds(options.Lease),
            EntryHeader.Milliseconds(options.ConsumerExpiry), options.EventsLimit,
        ];
        var parts = await Task.WhenAll(names.Chunk(QueuesAScript).Select(async part =>
        {
            var keys = Array.ConvertAll(part, name => (RedisKey)services.Queue(name).Names.Reaper);
            var due = (RedisValue[])(await services.Connection.EvaluateAsync(RedisScript.Due, keys, arguments).ConfigureAwait(false))!;
            return due.Select(position => part[(int)position - 1]);
        })).ConfigureAwait(false);
        return [.. parts.SelectMany(due => due)];
    }

    public async Task<MaintenanceReport> RunAsync(string name)
    {
        var queue = services.Queue(name);
        var options = services.Options;
        var total = default(MaintenanceReport);
        var (schedulesDue, untold) = (0L, 0L);
        for (var turn = 0; turn < MaxTurns; turn++)
        {
            RedisValue[] arguments =
            [
                RedisServices.LayoutVersion, EntryHeader.Milliseconds(options.MaintenanceInterval),
                EntryHeader.Milliseconds(options.Lease), EntryHeader.Milliseconds(options.ConsumerExpiry), options.MaxCrashes,
                JobsPerTurn, EntryHeader.Milliseconds(options.DeadRetention), turn == 0 ? 0 : 1, options.EventsLimit,
            ];
            var reply = await services.Connection.EvaluateAsync(RedisScript.Maintain, queue.Keys, arguments).ConfigureAwait(false);
            var parts = (RedisResult[])reply!;
            total += new MaintenanceReport((int)parts[0], (int)parts[1], (int)parts[2], (int)parts[3]);
            (schedulesDue, untold) = ((long)parts[5], (long)parts[6]);
            if ((int)parts[4] == 0)
                break;
        }

        if (total.Recovered > 0 || total.Buried > 0)
            Log.Recovered(_logger, name, total.Recovered, total.Buried);
        services.Metrics.Recovered(name, total.Recovered);

        // Each of them ends after a while: a turn that lasts keeps the next one from judging leases. What is left is due again then.
        var firing = schedulesDue > 0 ? schedules.FireAsync(queue) : Task.FromResult(0);
        await Task.WhenAll(firing, untold > 0 ? relay.RelayAsync(queue) : Task.CompletedTask).ConfigureAwait(false);
        return total with { Fired = await firing.ConfigureAwait(false) };
    }

    private static partial class Log
    {
        [LoggerMessage(130, LogLevel.Warning, "{Queue}: {Recovered} jobs of lost workers run again, {Buried} are dead letters")]
        public static partial void Recovered(ILogger logger, string queue, int recovered, int buried);
    }
}
