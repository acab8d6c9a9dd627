using K8sQueue.Core.Jobs;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Core.Queues;

/// <content>Jobs that are enqueued by a calendar: by the housekeeping of any process, each due time once.</content>
public partial interface IJobQueue
{
    /// <summary>
    /// Makes a schedule, in the queue of its job, or puts another one in the place of that with its name. Where neither expression nor time
    /// zone change, its next time stays, and so does a pause. True where it is a new one.
    /// </summary>
    /// <exception cref="ArgumentException">The schedule is invalid, or its queue has <see cref="ScheduleLimits.MaxSchedules"/> already.</exception>
    /// <exception cref="JobQueueFullException">The broker has no memory left.</exception>
    ValueTask<bool> PutScheduleAsync(JobSchedule schedule, CancellationToken cancellationToken);

    /// <summary>A schedule; null where there is none of this name.</summary>
    ValueTask<JobScheduleStatus?> GetScheduleAsync(string queue, string name, CancellationToken cancellationToken);

    /// <summary>Schedules of a queue, by name.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="after">The name behind which to begin; null for the first one.</param>
    /// <param name="count">How many at most.</param>
    ValueTask<IReadOnlyList<JobScheduleStatus>> ListSchedulesAsync(
        string queue, string? after, int count, CancellationToken cancellationToken);

    /// <summary>Deletes a schedule, not the jobs that it has made; false where there is none of this name.</summary>
    ValueTask<bool> DeleteScheduleAsync(string queue, string name, CancellationToken cancellationToken);

    /// <summary>Stops a schedule, or lets it go on: with its next time from now on. False where there is none of this name.</summary>
    /// <exception cref="ArgumentException">This program can't read it, or does not know its time zone.</exception>
    ValueTask<bool> SetSchedulePausedAsync(string queue, string name, bool paused, CancellationToken cancellationToken);

    /// <summary>
    /// Enqueues a schedule's job now, beside its times and though it be paused. Null where there is none of this name; a duplicate where it
    /// skips overlaps and its last job is not done.
    /// </summary>
    /// <exception cref="ArgumentException">This program can't read it.</exception>
    ValueTask<EnqueuedJob?> TriggerScheduleAsync(string queue, string name, CancellationToken cancellationToken);
}
