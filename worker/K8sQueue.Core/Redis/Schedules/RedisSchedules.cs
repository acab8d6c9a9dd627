using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Schedules;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis.Schedules;

/// <summary>A queue's schedules: what is asked of them and changed in them. <see cref="ScheduleFirer"/> fires them.</summary>
internal sealed class RedisSchedules(RedisServices services, RedisHealth health, RedisEnqueuer enqueuer)
{
    private const int MaxTries = 10;
    private const int Conflict = -1;
    private const int TooMany = -2;

    public async Task<SchedulePutOutcome> PutAsync(JobSchedule schedule, ScheduleCondition? condition)
    {
        schedule.ThrowIfInvalid(services.Options.MaxPayloadBytes);
        var times = ScheduleTimes.Of(schedule, out var trouble) ?? throw new ArgumentException(trouble);

        // What is refused makes no queue.
        if (condition is not null && !condition.Takes(await RevisionAsync(services.Peek(schedule.Job.Queue), schedule.Name).ConfigureAwait(false)))
            return SchedulePutOutcome.Conflict;
        var queue = services.Queue(schedule.Job.Queue);
        await health.EnsureAsync().ConfigureAwait(false);
        await services.RegisterAsync(queue).ConfigureAwait(false);
        var isTaken = true;
        var found = await WriteAsync(queue, schedule.Name, (row, now) =>
        {
            isTaken = condition is null || condition.Takes(row?.Revision);
            if (!isTaken)
                return null;
            var same = row?.Stored is { } stored && stored.Cron == schedule.Cron && stored.TimeZone == schedule.TimeZone;
            return Definition(schedule, row?.Stored is { Paused: true }, (same ? row?.NextAt : null) ?? times.Next(now));
        }).ConfigureAwait(false);
        return !isTaken ? SchedulePutOutcome.Conflict : found is null ? SchedulePutOutcome.Created : SchedulePutOutcome.Replaced;
    }

    public async Task<bool> SetPausedAsync(string name, string scheduleName, bool paused)
    {
        ScheduleLimits.ThrowIfNoName(scheduleName);
        var found = await WriteAsync(services.Peek(name), scheduleName, (row, now) =>
        {
            if (row is null || row.Stored?.Paused == paused)
                return null;
            var schedule = Readable(row, name);
            var times = ScheduleTimes.Of(schedule, out var trouble) ?? throw new ArgumentException(trouble);
            return Definition(schedule, paused, times.Next(now));
        }).ConfigureAwait(false);
        return found is not null;
    }

    public async Task<JobScheduleStatus?> GetAsync(string name, string scheduleName)
    {
        ScheduleLimits.ThrowIfNoName(scheduleName);
        var (_, rows) = await ReadAsync(services.Peek(name), "name", scheduleName, 1).ConfigureAwait(false);
        return rows is [var row] ? row.ToStatus(name) : null;
    }

    public async Task<IReadOnlyList<JobScheduleStatus>> ListAsync(string name, string? after, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var (_, rows) = await ReadAsync(services.Peek(name), "after", after ?? "", count).ConfigureAwait(false);
        return [.. rows.Select(r => r.ToStatus(name))];
    }

    public async Task<ScheduleDeleteOutcome> DeleteAsync(string name, string scheduleName, ScheduleCondition? condition)
    {
        ScheduleLimits.ThrowIfNoName(scheduleName);
        var queue = services.Peek(name);
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            RedisValue[] arguments = [scheduleName];
            if (condition is not null)
            {
                if (await RevisionAsync(queue, scheduleName).ConfigureAwait(false) is not { } revision)
                    return ScheduleDeleteOutcome.NotFound;
                if (!condition.Takes(revision))
                    return ScheduleDeleteOutcome.Conflict;
                arguments = [scheduleName, revision];
            }

            var answer = (int)await services.Connection.EvaluateAsync(RedisScript.DeleteSchedule, queue.Keys, arguments).ConfigureAwait(false);
            if (answer != Conflict)
                return answer == 1 ? ScheduleDeleteOutcome.Deleted : ScheduleDeleteOutcome.NotFound;
        }

        throw Contended(name, scheduleName);
    }

    public async Task<EnqueuedJob?> TriggerAsync(string name, string scheduleName)
    {
        ScheduleLimits.ThrowIfNoName(scheduleName);
        var (now, rows) = await ReadAsync(services.Peek(name), "name", scheduleName, 1).ConfigureAwait(false);
        return rows is [var row] ? (await enqueuer.EnqueueAsync([Readable(row, name).JobAt(now)]).ConfigureAwait(false))[0] : null;
    }

    /// <summary>Asks schedules.lua.</summary>
    public async Task<(DateTimeOffset Now, IReadOnlyList<ScheduleRow> Rows)> ReadAsync(
        QueueHandle queue, string which, RedisValue from, int count) => ScheduleRow.Read(queue.Name, await services.Connection
            .EvaluateAsync(RedisScript.Schedules, queue.Keys, [RedisServices.LayoutVersion, which, from, count]).ConfigureAwait(false));

    private static JobSchedule Readable(ScheduleRow row, string queue) => row.Schedule
        ?? throw new ArgumentException($"The schedule {row.Name} of {queue} can't be read: a newer release may have written it. Put it again.");

    private static (StoredSchedule Definition, DateTimeOffset? Next)? Definition(JobSchedule schedule, bool paused, DateTimeOffset? next) =>
        (StoredSchedule.From(schedule, paused), paused ? null : next);

    /// <summary>Changes a schedule as it is found, again where somebody else was faster; what was found.</summary>
    private async Task<ScheduleRow?> WriteAsync(
        QueueHandle queue, string name, Func<ScheduleRow?, DateTimeOffset, (StoredSchedule Definition, DateTimeOffset? Next)?> change)
    {
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            var (now, rows) = await ReadAsync(queue, "name", name, 1).ConfigureAwait(false);
            var found = rows is [var row] ? row : null;
            if (change(found, now) is not { } changed)
                return found;
            RedisValue[] arguments =
            [
                RedisServices.LayoutVersion, name, found?.Revision ?? "", Guid.NewGuid().ToString("N"), changed.Definition.ToJson(),
                changed.Next is { } next ? next.ToUnixTimeMilliseconds() : "", ScheduleLimits.MaxSchedules,
            ];
            var answer = (int)await services.Connection.EvaluateAsync(RedisScript.PutSchedule, queue.Keys, arguments).ConfigureAwait(false);
            if (answer == TooMany)
                throw new ArgumentException($"The queue {queue.Name} has {ScheduleLimits.MaxSchedules} schedules, the most that it may.");
            if (answer == Conflict)
                continue;
            if (answer == 1)
                await services.RegisterAgainAsync(queue).ConfigureAwait(false);
            return found;
        }

        throw Contended(queue.Name, name);
    }

    private async Task<string?> RevisionAsync(QueueHandle queue, string name) =>
        (await ReadAsync(queue, "name", name, 1).ConfigureAwait(false)).Rows is [var row] ? row.Revision : null;

    private static JobQueueUnavailableException Contended(string queue, string name) =>
        new($"The schedule {name} of {queue} is being changed by others all the time; try again.");
}
