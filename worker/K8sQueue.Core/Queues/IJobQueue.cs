using K8sQueue.Core.Audit;
using K8sQueue.Core.Capacity;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Trends;

namespace K8sQueue.Core.Queues;

/// <summary>
/// A broker of jobs: the port that every backend implements, and the compliance suite in K8sQueue.Core.Tests checks.
/// <para>The promise: at-least-once start, exactly one completion. An acknowledged enqueue is not lost.
/// Starts = jobs + recovered + handed back + retries (+ redriven dead letters), less the jobs that were cancelled while they did not run.</para>
/// </summary>
public partial interface IJobQueue : IAsyncDisposable
{
    /// <summary>How much work there was and what it took, of which capacity is planned.</summary>
    ILoadStore Load { get; }

    /// <summary>How queues stood over the last week.</summary>
    ITrendStore Trends { get; }

    /// <summary>What was done to queues lately, and by whom.</summary>
    IAuditLog Audit { get; }

    /// <summary>
    /// Adds jobs, in order, and answers each in the same order; one whose deduplication key another job has is left out. All or none of one queue's jobs are accepted by one call,
    /// up to <see cref="JobLimits.AtomicBatchJobs"/> jobs and <see cref="JobLimits.AtomicBatchBytes"/> of payload; a larger
    /// call is split into such parts, and an exception then leaves the parts before it accepted.
    /// </summary>
    /// <exception cref="ArgumentException">A request is invalid; nothing was added.</exception>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached; nothing is known to have been added.</exception>
    /// <exception cref="JobQueueFullException">The broker has no memory left; nothing was added.</exception>
    ValueTask<IReadOnlyList<EnqueuedJob>> EnqueueAsync(IReadOnlyList<JobRequest> jobs, CancellationToken cancellationToken);

    /// <summary>The record of a tracked job; null where it is unknown, its record expired, or it was not tracked.</summary>
    ValueTask<JobSnapshot?> GetJobAsync(JobId id, CancellationToken cancellationToken);

    /// <summary>Names of the queues that ever took a job or a schedule, sorted.</summary>
    ValueTask<IReadOnlyList<string>> ListQueuesAsync(CancellationToken cancellationToken);

    /// <summary>Counts of one queue. An unknown queue is an empty one.</summary>
    ValueTask<QueueStatistics> GetStatisticsAsync(string queue, CancellationToken cancellationToken);

    /// <summary>Dead letters, newest first.</summary>
    ValueTask<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(string queue, int offset, int count, CancellationToken cancellationToken);

    /// <summary>A dead letter; null where there is none of this id, or none that can be read.</summary>
    ValueTask<DeadLetter?> GetDeadLetterAsync(JobId id, CancellationToken cancellationToken);

    /// <summary>
    /// Puts a dead letter back with its attempts and crashes at zero and a higher epoch; with another payload where one is given.
    /// </summary>
    /// <exception cref="ArgumentException">The payload is too large.</exception>
    ValueTask<RedriveOutcome> RedriveAsync(JobId id, ReadOnlyMemory<byte>? payload, CancellationToken cancellationToken);

    /// <summary>Deletes a dead letter for good; false where there is none.</summary>
    ValueTask<bool> DeleteDeadLetterAsync(JobId id, CancellationToken cancellationToken);

    /// <summary>
    /// Cancels a job. It ends at once where it does not run; where it runs, its owner is told to stop it. Where a backend can't find an
    /// untracked job among those that wait, it answers <see cref="CancelOutcome.Requested"/>, and the job ends when its turn comes.
    /// </summary>
    ValueTask<CancelOutcome> CancelAsync(JobId id, CancellationToken cancellationToken);

    /// <summary>Stops or resumes the starts of a queue's jobs, for every worker. A paused queue has no demand.</summary>
    ValueTask SetPausedAsync(string queue, bool paused, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes a queue with its totals, limits and pause; false where it has jobs, dead letters, schedules or consumers, and nothing is changed. An
    /// unknown queue is deleted already, and the next job makes a deleted one anew.
    /// </summary>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached; it may be deleted all the same.</exception>
    ValueTask<bool> DeleteQueueAsync(string queue, CancellationToken cancellationToken);

    /// <summary>
    /// Bounds the starts of a queue's jobs over all workers, at once; <see cref="QueueLimits.None"/> takes the bounds away. What runs already runs on.
    /// </summary>
    ValueTask SetLimitsAsync(string queue, QueueLimits limits, CancellationToken cancellationToken);

    /// <summary>What bounds the starts of a queue's jobs.</summary>
    ValueTask<QueueLimits> GetLimitsAsync(string queue, CancellationToken cancellationToken);

    /// <summary>
    /// What became of a queue's tracked jobs, oldest first: up to <paramref name="max"/> events behind <paramref name="after"/>. Where there is
    /// none, it waits for <paramref name="wait"/> at most. <see cref="JobEventId.Start"/> gives all that are kept, null those that are to come.
    /// </summary>
    /// <exception cref="JobEventsTrimmedException">Events behind that one are not kept any more.</exception>
    ValueTask<JobEventPage> ReadEventsAsync(string queue, JobEventId? after, int max, TimeSpan wait, CancellationToken cancellationToken);

    /// <summary>Opens a consumer of one or more queues. Its name is unique: pod name and boot id.</summary>
    /// <exception cref="JobQueueConfigurationException">The broker could lose jobs (for example an eviction policy); the message says which setting.</exception>
    ValueTask<IJobConsumer> OpenConsumerAsync(JobConsumerOptions options, CancellationToken cancellationToken);

    /// <summary>
    /// Who consumes a queue, the last seen first, <paramref name="max"/> at most. A backend that can't tell answers none.
    /// </summary>
    ValueTask<IReadOnlyList<QueueConsumer>> ListConsumersAsync(string queue, int max, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<QueueConsumer>>([]);

    /// <summary>
    /// Which of these queues' housekeeping has something to do; for the others this was their turn, and <see cref="MaintainAsync"/> need not be called.
    /// A backend that can't tell answers all of them.
    /// </summary>
    ValueTask<IReadOnlyList<string>> FindDueAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken) => ValueTask.FromResult(queues);

    /// <summary>
    /// One turn of a queue's housekeeping: moves due jobs into their lanes, recovers jobs whose owner is gone, and fires schedules.
    /// Any number of processes may call it, about once a second each.
    /// </summary>
    ValueTask<MaintenanceReport> MaintainAsync(string queue, CancellationToken cancellationToken);

    /// <summary>Whether the broker answers and may be trusted with jobs; throws what a caller would get otherwise.</summary>
    ValueTask CheckHealthAsync(CancellationToken cancellationToken);
}

/// <summary>
/// One worker's hold on the broker. Leases are renewed in the background, on a thread of their own, until they end.
/// Every outcome answers, for each lease in order, whether it was <see cref="LeaseOutcome.Done"/> by the owner, or is
/// <see cref="LeaseOutcome.Gone"/>: owned by nobody or somebody else by now, and nothing was changed.
/// A call that throws may be repeated; what it had done before then answers <see cref="LeaseOutcome.Gone"/>.
/// Disposing stops the renewals and hands nothing back: whatever is still owned is recovered when its lease ends.
/// </summary>
public interface IJobConsumer : IAsyncDisposable
{
    /// <summary>The consumer's name.</summary>
    string Name { get; }

    /// <summary>
    /// What holds jobs that wait in the queues, where the last look at them found nothing else in the way: more consumers would take no more of them.
    /// </summary>
    QueueHold HeldBy { get; }

    /// <summary>
    /// Takes up to <paramref name="max"/> jobs; waits while there is none. Empty only when quiesced, or after an idle wait that
    /// the backend bounds. Never two calls at once.
    /// </summary>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached; call again after a delay.</exception>
    ValueTask<IReadOnlyList<JobLease>> FetchAsync(int max, CancellationToken cancellationToken);

    /// <summary>
    /// A lease's job with its payload; the job itself where <see cref="JobEnvelope.IsPayloadLoaded"/>. Large payloads are not fetched with
    /// their jobs, so that whoever runs many may bound how many it has in memory.
    /// </summary>
    /// <exception cref="JobPayloadException">The payload is gone or damaged; it will not come back.</exception>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached; call again after a delay.</exception>
    ValueTask<JobEnvelope> LoadAsync(JobLease lease, CancellationToken cancellationToken);

    /// <summary>The jobs are done. For a tracked one, its result is kept.</summary>
    ValueTask<IReadOnlyList<LeaseOutcome>> CompleteAsync(IReadOnlyList<JobCompletion> completions, CancellationToken cancellationToken);

    /// <summary>The attempt failed: run it again after <see cref="JobRetry.Delay"/>, as the next attempt. A job that was cancelled ends in its place.</summary>
    ValueTask<IReadOnlyList<LeaseOutcome>> RetryAsync(IReadOnlyList<JobRetry> retries, CancellationToken cancellationToken);

    /// <summary>The jobs will not run again: dead letters.</summary>
    ValueTask<IReadOnlyList<LeaseOutcome>> BuryAsync(IReadOnlyList<JobBurial> burials, CancellationToken cancellationToken);

    /// <summary>Hands jobs back unfinished, first in line, without using up an attempt. Those that were cancelled end in place of it.</summary>
    ValueTask<IReadOnlyList<LeaseOutcome>> ReleaseAsync(IReadOnlyList<JobLease> leases, CancellationToken cancellationToken);

    /// <summary>The jobs were stopped since they were cancelled (<see cref="JobLease.Cancelled"/>): they will not run again.</summary>
    ValueTask<IReadOnlyList<LeaseOutcome>> CancelAsync(IReadOnlyList<JobLease> leases, CancellationToken cancellationToken);

    /// <summary>
    /// Notes in the records of tracked jobs how far they are. What is not this consumer's any more, or not tracked, is left out.
    /// </summary>
    ValueTask ReportProgressAsync(IReadOnlyList<JobProgressReport> reports, CancellationToken cancellationToken);

    /// <summary>
    /// Stops fetching: an outstanding <see cref="FetchAsync"/> returns what it had taken (for the caller to run or release),
    /// later ones return empty at once until <see cref="Resume"/>. When this completes, no fetch is under way at the broker.
    /// </summary>
    /// <exception cref="JobQueueUnavailableException">A fetch may still take jobs at the broker; call again after a delay.</exception>
    ValueTask QuiesceAsync(CancellationToken cancellationToken);

    /// <summary>Takes jobs again.</summary>
    void Resume();

    /// <summary>Removes the consumer from the broker where it owns nothing; true when it did. Otherwise maintenance does later.</summary>
    ValueTask<bool> LeaveAsync(CancellationToken cancellationToken);
}

/// <summary>What a consumer reads.</summary>
public sealed record JobConsumerOptions
{
    /// <summary>The queues, at least one. Those that have jobs take turns.</summary>
    public required IReadOnlyList<string> Queues { get; init; }

    /// <summary>The consumer's name: pod name and boot id, unique for each start of the process.</summary>
    public required string Name { get; init; }

    /// <exception cref="ArgumentException">A value is out of its range; the message names it.</exception>
    public void ThrowIfInvalid()
    {
        if (Queues is not { Count: > 0 })
            throw new ArgumentException("A consumer reads at least one queue.");
        foreach (var queue in Queues)
            QueueName.ThrowIfInvalid(queue);
        if (Queues.Distinct(StringComparer.Ordinal).Count() != Queues.Count)
            throw new ArgumentException("A consumer reads a queue once.");
        if (string.IsNullOrEmpty(Name) || Name.Length > 256 || !Name.All(c => c is > ' ' and < '~'))
            throw new ArgumentException($"'{Name}' is not a consumer name: 1 to 256 printable ASCII characters, no space, no '~'.");
    }
}

/// <summary>Whether an outcome took effect.</summary>
public enum LeaseOutcome
{
    /// <summary>This consumer owned the job and the outcome is recorded.</summary>
    Done,

    /// <summary>This consumer did not own the job any more; nothing was changed.</summary>
    Gone,
}

/// <summary>What became of a job that was to be cancelled.</summary>
public enum CancelOutcome
{
    /// <summary>It has ended, by this call or an earlier one.</summary>
    Cancelled,

    /// <summary>It runs and is told to stop, or it ends when its turn comes.</summary>
    Requested,

    /// <summary>There is no such job, or it has ended otherwise.</summary>
    NotFound,
}

/// <summary>What became of a dead letter that was to run again.</summary>
public enum RedriveOutcome
{
    /// <summary>It waits in its queue.</summary>
    Redriven,

    /// <summary>There is none of this id, or none that can be read.</summary>
    NotFound,

    /// <summary>Another job has its deduplication key; it stays a dead letter.</summary>
    Duplicate,
}

/// <param name="Lease">The lease.</param>
/// <param name="Result">UTF-8 JSON, kept for a tracked job.</param>
public readonly record struct JobCompletion(JobLease Lease, ReadOnlyMemory<byte>? Result = null);

/// <param name="Lease">The lease.</param>
/// <param name="Delay">How long until the next attempt.</param>
/// <param name="Error">The failure's message.</param>
public readonly record struct JobRetry(JobLease Lease, TimeSpan Delay, string Error);

/// <param name="Lease">The lease.</param>
/// <param name="Reason">One of <see cref="DeadLetterReasons"/>.</param>
/// <param name="Error">The failure's message and stack.</param>
public readonly record struct JobBurial(JobLease Lease, string Reason, string Error);

/// <param name="Lease">The lease.</param>
/// <param name="Share">How far the job is, from 0 to 1.</param>
/// <param name="Note">What is to be said beside it: up to <see cref="JobLimits.MaxProgressNoteLength"/> characters.</param>
public readonly record struct JobProgressReport(JobLease Lease, double Share, string? Note = null)
{
    /// <exception cref="ArgumentException">A value is out of its range; the message names it.</exception>
    internal void ThrowIfInvalid()
    {
        if (!(Share is >= 0 and <= 1))
            throw new ArgumentException($"The share of a job that is done must be 0 to 1, not {Share}.");
        if (Note?.Length > JobLimits.MaxProgressNoteLength)
            throw new ArgumentException($"The note beside a job's progress must have at most {JobLimits.MaxProgressNoteLength} characters.");
    }
}

/// <summary>A queue's jobs that want a worker: what the autoscaler follows.</summary>
/// <param name="Waiting">In a lane, owned by nobody.</param>
/// <param name="InFlight">Owned by a worker.</param>
/// <param name="Paused">A paused queue has no demand.</param>
public readonly record struct Backlog(long Waiting, long InFlight, bool Paused)
{
    /// <summary>Waiting and in flight, or zero while paused.</summary>
    public long Demand => Paused ? 0 : Waiting + InFlight;
}

/// <summary>Counts of a queue; the totals only grow.</summary>
public sealed record QueueStatistics
{
    public required string Queue { get; init; }

    public required Backlog Backlog { get; init; }

    public long Delayed { get; init; }

    /// <summary>Jobs that wait for a slot of their concurrency key.</summary>
    public long Parked { get; init; }

    public long DeadLetters { get; init; }

    public int Consumers { get; init; }

    /// <summary>
    /// The age of the oldest job that waits or runs: since it was put in its lane, so a delay does not count. A job that was
    /// handed back or recovered counts from its enqueue.
    /// </summary>
    public TimeSpan? OldestAge { get; init; }

    public long EnqueuedTotal { get; init; }

    public long StartedTotal { get; init; }

    public long CompletedTotal { get; init; }

    public long RetriedTotal { get; init; }

    public long RecoveredTotal { get; init; }

    public long ReleasedTotal { get; init; }

    public long BuriedTotal { get; init; }

    public long RedrivenTotal { get; init; }

    /// <summary>Jobs that were cancelled.</summary>
    public long CancelledTotal { get; init; }

    /// <summary>Those of <see cref="CancelledTotal"/> that ran.</summary>
    public long StoppedTotal { get; init; }
}

/// <param name="Promoted">Due jobs that were moved into a lane.</param>
/// <param name="Recovered">Jobs taken from a lost owner and put back.</param>
/// <param name="Buried">Poisonous or unreadable jobs that became dead letters.</param>
/// <param name="ConsumersRemoved">Consumers without jobs that were gone.</param>
/// <param name="Fired">Jobs of schedules that were due.</param>
public readonly record struct MaintenanceReport(int Promoted, int Recovered, int Buried, int ConsumersRemoved, int Fired = 0)
{
    public static MaintenanceReport operator +(MaintenanceReport left, MaintenanceReport right) => left.Add(right);

    /// <summary>What two turns did together.</summary>
    public MaintenanceReport Add(MaintenanceReport other) => new(
        Promoted + other.Promoted,
        Recovered + other.Recovered,
        Buried + other.Buried,
        ConsumersRemoved + other.ConsumersRemoved,
        Fired + other.Fired);
}
