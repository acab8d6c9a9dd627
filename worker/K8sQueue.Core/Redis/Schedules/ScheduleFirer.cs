using System.Collections.Concurrent;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis.Producers;
using K8sQueue.Core.Schedules;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis.Schedules;

/// <summary>
/// Fires due schedules. Every process that does the housekeeping reads which are due by the broker's clock and decides what they do;
/// fire-schedule.lua does it where they are as they were, so one of them wins.
/// </summary>
internal sealed partial class ScheduleFirer(RedisServices services, RedisSchedules schedules)
{
    private const int PageSize = 10;
    private const int MaxPages = 100;
    private const int MaxDecisions = 3;
    private const int AsItWasNot = -1;

    private readonly ILogger _logger = services.Logger<ScheduleFirer>();

    // What was complained of already, by queue and name.
    private readonly ConcurrentDictionary<(string, string), string> _complaints = new();

    /// <summary>Fires what is due in a queue, the longest first, for one turn of housekeeping; how many jobs were added.</summary>
    public async Task<int> FireAsync(QueueHandle queue)
    {
        try
        {
            return await FireAllAsync(queue).ConfigureAwait(false);
        }
        catch (JobQueueFullException e)
        {
            Log.Full(_logger, queue.Name, e.Message);
            return 0;
        }
    }

    private async Task<int> FireAllAsync(QueueHandle queue)
    {
        int fired = 0, left = 0;
        var started = services.Time.GetTimestamp();
        for (var page = 0; page < MaxPages; page++)
        {
            // Those that fire are due no more; the others stand before what comes next.
            var (now, rows) = await schedules.ReadAsync(queue, "due", left, PageSize).ConfigureAwait(false);
            foreach (var row in rows)
            {
                var jobs = await FireAsync(queue, row, now).ConfigureAwait(false);
                fired += jobs ?? 0;
                left += jobs is null ? 1 : 0;
                if (services.Time.GetElapsedTime(started) >= services.Options.MaintenanceInterval)
                    return fired;
            }

            if (rows.Count < PageSize)
                break;
        }

        return fired;
    }

    private async Task<int?> FireAsync(QueueHandle queue, ScheduleRow row, DateTimeOffset now)
    {
        for (var decision = 1; ; decision++)
        {
            if (row.NextAt is not { } due || due > now)
                return 0;
            if (Times(queue, row) is not { } times)
                return null;
            var firing = ScheduleFiring.Decide(row.Schedule!, times, due, now, services.Options.MaintenanceInterval);
            var reply = await SendAsync(queue, row, firing).ConfigureAwait(false);
            if ((int)((RedisValue[])reply!)[0] != AsItWasNot)
                return await FiredAsync(queue, row, firing, now, Added.Read(reply)).ConfigureAwait(false);
            if (decision == MaxDecisions)
                return null;
            (now, var again) = await schedules.ReadAsync(queue, "name", row.Name, 1).ConfigureAwait(false);
            if (again is not [var changed])
                return 0;
            row = changed;
        }
    }

    private Task<RedisResult> SendAsync(QueueHandle queue, ScheduleRow row, ScheduleFiring firing)
    {
        var schedule = row.Schedule! with { Job = services.Payloads.Pack([row.Schedule!.Job])[0] };
        var arguments = new List<RedisValue>
        {
            RedisServices.LayoutVersion, row.Name, row.Revision, row.Next, firing.Next is { } next ? next.ToUnixTimeMilliseconds() : "",
            firing.ValidUntil.ToUnixTimeMilliseconds(), schedule.Job.Payload.ToArray(),
        };
        foreach (var start in firing.Starts)
        {
            arguments.Add(start.ToUnixTimeMilliseconds());
            arguments.Add(EntryHeader.Head(JobId.Create(queue.Name, schedule.Job.Tracked, services.Time.GetUtcNow())));
            arguments.Add(EntryHeader.Tail(schedule.JobAt(start)));
        }

        return services.Connection.EvaluateAsync(RedisScript.FireSchedule, queue.Keys, [.. arguments]);
    }

    private async Task<int> FiredAsync(QueueHandle queue, ScheduleRow row, ScheduleFiring firing, DateTimeOffset now, Added added)
    {
        var jobs = firing.Starts.Count - added.Duplicates.Count;
        services.Metrics.Enqueued(queue.Name, jobs);
        services.Metrics.ScheduleFired(queue.Name, jobs);
        if (firing.LeftOut && now - row.NextAt > row.Schedule!.MisfireGrace)
            Log.LeftOut(_logger, row.Name, queue.Name, row.NextAt!.Value, now, row.Schedule.Misfire, jobs);
        if (added.Duplicates.Count > 0)
            Log.Overlapped(_logger, row.Name, queue.Name, added.Duplicates[^1].Ulid);
        if (added.IsFresh)
            await services.RegisterAgainAsync(queue).ConfigureAwait(false);
        return jobs;
    }

    private ScheduleTimes? Times(QueueHandle queue, ScheduleRow row)
    {
        string? trouble = "its definition can't be read";
        var times = row.Schedule is { } schedule ? ScheduleTimes.Of(schedule, out trouble) : null;
        if (times is null && _complaints.GetValueOrDefault((queue.Name, row.Name)) != row.Revision)
        {
            _complaints[(queue.Name, row.Name)] = row.Revision;
            Log.Invalid(_logger, row.Name, queue.Name, trouble!);
        }

        return times;
    }

    private static partial class Log
    {
        [LoggerMessage(140, LogLevel.Warning, "Schedule {Schedule} of {Queue} was due at {Due:o} and is served at {Now:o}: times were left out ({Policy}), {Jobs} jobs were enqueued")]
        public static partial void LeftOut(
            ILogger logger, string schedule, string queue, DateTimeOffset due, DateTimeOffset now, MisfirePolicy policy, int jobs);

        [LoggerMessage(141, LogLevel.Information, "Schedule {Schedule} of {Queue} left a start out: job {Ulid} is not done, or has the deduplication key")]
        public static partial void Overlapped(ILogger logger, string schedule, string queue, string ulid);

        [LoggerMessage(142, LogLevel.Error, "Schedule {Schedule} of {Queue} is due, and this program can't fire it: {Trouble}")]
        public static partial void Invalid(ILogger logger, string schedule, string queue, string trouble);

        [LoggerMessage(143, LogLevel.Warning, "{Queue}: due schedules wait, since {Error}")]
        public static partial void Full(ILogger logger, string queue, string error);
    }
}
