using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Core.InMemory;

/// <summary>A queue's schedules. Every call is made under <see cref="InMemoryJobQueue.Gate"/>.</summary>
internal sealed class InMemorySchedules(string queue, TimeProvider time)
{
    private readonly SortedDictionary<string, JobScheduleStatus> _schedules = new(StringComparer.Ordinal);

    public bool Any => _schedules.Count > 0;

    public SchedulePutOutcome Put(JobSchedule schedule, ScheduleCondition? condition)
    {
        var old = _schedules.GetValueOrDefault(schedule.Name);
        if (condition?.Takes(old?.Revision) == false)
            return SchedulePutOutcome.Conflict;
        if (old is null && _schedules.Count >= ScheduleLimits.MaxSchedules)
            throw new ArgumentException($"The queue {queue} has {ScheduleLimits.MaxSchedules} schedules, the most that it may.");
        var same = old?.Schedule is { } before && before.Cron == schedule.Cron && before.TimeZone == schedule.TimeZone;
        var status = (old ?? new JobScheduleStatus { Queue = queue, Name = schedule.Name, State = ScheduleState.Active, Revision = "" }) with
        {
            Revision = NewRevision(),
            Schedule = schedule with { Job = schedule.Job with { Payload = schedule.Job.Payload.ToArray() } },
        };
        _schedules[schedule.Name] = same || status.State == ScheduleState.Paused ? status : Goes(status, Now);
        return old is null ? SchedulePutOutcome.Created : SchedulePutOutcome.Replaced;
    }

    public JobScheduleStatus? Get(string name)
    {
        ScheduleLimits.ThrowIfNoName(name);
        return _schedules.GetValueOrDefault(name);
    }

    public IReadOnlyList<JobScheduleStatus> List(string? after, int count) =>
        [.. _schedules.Values.Where(s => string.CompareOrdinal(s.Name, after) > 0).Take(count)];

    public ScheduleDeleteOutcome Delete(string name, ScheduleCondition? condition)
    {
        if (Get(name) is not { } status)
            return ScheduleDeleteOutcome.NotFound;
        if (condition?.Takes(status.Revision) == false)
            return ScheduleDeleteOutcome.Conflict;
        _schedules.Remove(name);
        return ScheduleDeleteOutcome.Deleted;
    }

    public bool SetPaused(string name, bool paused)
    {
        if (Get(name) is not { } status)
            return false;
        if (paused == (status.State == ScheduleState.Paused))
            return true;
        status = status with { Revision = NewRevision() };
        _schedules[name] = paused ? status with { State = ScheduleState.Paused, NextFireAt = null } : Goes(status, Now);
        return true;
    }

    /// <summary>Fires what is due; how many jobs were added.</summary>
    public int Fire(Func<JobRequest, EnqueuedJob> enqueue)
    {
        var fired = 0;
        foreach (var status in _schedules.Values.Where(s => s.NextFireAt <= Now).ToList())
        {
            var schedule = status.Schedule!;
            var firing = ScheduleFiring.Decide(schedule, Times(schedule), status.NextFireAt!.Value, Now, JobQueueDefaults.MaintenanceInterval);
            var next = Goes(status, firing.Next);
            foreach (var start in firing.Starts)
            {
                if (enqueue(schedule.JobAt(start)) is { IsDuplicate: false } job)
                {
                    next = next with { LastFireAt = start, LastJob = job.Id };
                    fired++;
                }
            }

            _schedules[status.Name] = next;
        }

        return fired;
    }

    private static string NewRevision() => Guid.NewGuid().ToString("N");

    // To the millisecond, as the other brokers have it.
    private DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    private static JobScheduleStatus Goes(JobScheduleStatus status, DateTimeOffset from) => Goes(status, Times(status.Schedule!).Next(from));

    private static JobScheduleStatus Goes(JobScheduleStatus status, DateTimeOffset? next) =>
        status with { State = next is null ? ScheduleState.Ended : ScheduleState.Active, NextFireAt = next };

    // It was valid when it was put.
    private static ScheduleTimes Times(JobSchedule schedule) =>
        ScheduleTimes.Of(schedule, out var trouble) ?? throw new ArgumentException(trouble);
}
