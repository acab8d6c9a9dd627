using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Queues;

/// <content>What is kept of jobs that have ended.</content>
public partial interface IJobQueue
{
    /// <summary>
    /// Looks through a queue's jobs of one state, tracked or not: those that wait or run in the order of the lanes, delayed and parked ones by their
    /// times, dead ones newest first. Completed and cancelled ones, newest first, are the tracked ones whose records are kept; a backend may know
    /// only those of the last events. A call looks at so many jobs at most, however few the filter takes.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="filter">Which.</param>
    /// <param name="after">The <see cref="JobPage.Next"/> of the page before; null for the first one.</param>
    /// <param name="count">How many at most: 1 to 100.</param>
    /// <param name="cancellationToken">Stops the wait for them.</param>
    /// <exception cref="ArgumentException"><paramref name="after"/> is no such place.</exception>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached.</exception>
    ValueTask<JobPage> FindJobsAsync(string queue, JobFilter filter, string? after, int count, CancellationToken cancellationToken);

    /// <summary>
    /// Looks through a queue's dead letters, oldest first and without their payloads: through those that were there at the first call, so that a walk ends though jobs that
    /// it lets run again are buried again. A call looks at so many at most, however few the filter takes.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="filter">Which.</param>
    /// <param name="after">The <see cref="JobSelection.Next"/> of the call before, which those that have left meanwhile don't change; null for the first one.</param>
    /// <param name="count">How many at most: 1 to 250.</param>
    /// <param name="cancellationToken">Stops the wait for them.</param>
    /// <exception cref="ArgumentException"><paramref name="after"/> is no such place.</exception>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached.</exception>
    ValueTask<JobSelection> FindDeadLettersAsync(string queue, DeadLetterFilter filter, string? after, int count, CancellationToken cancellationToken);

    /// <summary>
    /// Cancels jobs that wait, tracked or not: those that wait for a slot of their key first, then those in the lanes. Those that run go on. They end as if each had been cancelled.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="delayed">Whether those whose time has not come are meant too.</param>
    /// <param name="max">How many at most.</param>
    /// <param name="cancellationToken">Stops it; what was cancelled stays so.</param>
    /// <returns>How many ended: fewer than <paramref name="max"/> where no more wait.</returns>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached; some may have ended all the same.</exception>
    ValueTask<int> DrainAsync(string queue, bool delayed, int max, CancellationToken cancellationToken);

    /// <summary>
    /// Puts a tracked job back that was cancelled, with its attempts and crashes at zero and a higher epoch, while its record is kept. Dead letters
    /// are for <see cref="RedriveAsync"/>; of a completed job there is no payload any more.
    /// </summary>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached; it may run again all the same.</exception>
    ValueTask<RerunOutcome> RerunAsync(JobId id, CancellationToken cancellationToken);

    /// <summary>Deletes what is kept of a job that has ended: its record, and it itself where it is a dead letter.</summary>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached; it may be deleted all the same.</exception>
    ValueTask<DeleteOutcome> DeleteJobAsync(JobId id, CancellationToken cancellationToken);
}

/// <summary>What became of a cancelled job that was to run again.</summary>
public enum RerunOutcome
{
    /// <summary>It waits in its queue.</summary>
    Enqueued,

    /// <summary>It has no record.</summary>
    NotFound,

    /// <summary>Another job has its deduplication key; it stays cancelled.</summary>
    Duplicate,

    /// <summary>It waits or runs.</summary>
    NotEnded,

    /// <summary>It has ended, and its payload is not kept: it is completed, or was a dead letter that was deleted.</summary>
    NotKept,
}

/// <summary>What became of a record that was to be deleted.</summary>
public enum DeleteOutcome
{
    /// <summary>It is deleted.</summary>
    Deleted,

    /// <summary>Nothing is kept of this job.</summary>
    NotFound,

    /// <summary>The job waits or runs.</summary>
    NotEnded,
}
