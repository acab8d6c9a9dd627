using K8sQueue.Core.Jobs;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Core.Queues;

/// <content>Jobs that are enqueued by a calendar: by the housekeeping of any process, each due time once.</content>
public partial interface IJobQueue
{
    /// <summary>
    /// Makes a schedule, in the queue of its job, or puts another one in the place of that with its name. Where neither expression nor time
    /// zone change, its next time stays, and so does a pause.
    /// </summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="condition">What must be there for it to be put; null for whatever is there.</param>
    /// <param name="cancellationToken">Cancels the call before it is made.</param>
    /// <exception cref="ArgumentException">The schedule is invalid, or its queue has <see cref="ScheduleLimits.MaxSchedules"/> already.</exception>
    /// <exception cref="JobQueueFullException">The broker has no memory left.</exception>
    ValueTask<SchedulePutOutcome> PutScheduleAsync(JobSchedule schedule, ScheduleCondition? condition, CancellationToken cancellationToken);

    /// <summary>A schedule; null where there is none of this name.</summary>
    ValueTask<JobScheduleStatus?> GetScheduleAsync(string queue, string name, CancellationToken cancellationToken);

    /// <summary>Schedules of a queue, by name.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="after">The name behind which to begin; null for the first one.</param>
    /// <param name="count">How many at most.</param>
    ValueTask<IReadOnlyList<JobScheduleStatus>> ListSchedulesAsync(
        string queue, string? after, int count, CancellationToken cancellationToken);

    /// <summary>Deletes a schedule, not the jobs that it has made.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="name">Its name.</param>
    /// <param name="condition">What it must be for it to be deleted; null for whatever it is.</param>
    /// <param name="cancellationToken">Cancels the call before it is made.</param>
    ValueTask<ScheduleDeleteOutcome> DeleteScheduleAsync(string queue, string name, ScheduleCondition? condition, CancellationToken cancellationToken);

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

/// <summary>What became of a schedule that was to be put.</summary>
public enum SchedulePutOutcome
{
    /// <summary>It is a new one.</summary>
    Created,

    /// <summary>It is in the place of another one.</summary>
    Replaced,

    /// <summary>What is there is not as the condition asks for; nothing was changed.</summary>
    Conflict,
}

/// <summary>What became of a schedule that was to be deleted.</summary>
public enum ScheduleDeleteOutcome
{
    /// <summary>It is deleted.</summary>
    Deleted,

    /// <summary>There is none of this name.</summary>
    NotFound,

    /// <summary>It is not as the condition asks for; nothing was changed.</summary>
    Conflict,
}
