using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Queues;

/// <summary>What is done with many jobs at once.</summary>
public enum JobAction
{
    /// <summary>Those that have not ended end, or are told to.</summary>
    Cancel,

    /// <summary>Dead letters and cancelled jobs run again.</summary>
    Retry,

    /// <summary>What is kept of jobs that have ended is deleted.</summary>
    Delete,
}

/// <summary>Jobs that something is to be done with.</summary>
/// <param name="Ids">Them, in the order in which they were found.</param>
/// <param name="Next">Where to look for the ones that follow; null where there are none.</param>
public sealed record JobSelection(IReadOnlyList<JobId> Ids, string? Next);

/// <summary>What became of them.</summary>
/// <param name="Done">Cancelled, put back into the queue, or deleted.</param>
/// <param name="Requested">Told to stop where they run, or to end when their turn comes.</param>
/// <param name="Skipped">Left as they are: they have moved on meanwhile, another job has their deduplication key, or their payload is not kept.</param>
public readonly record struct JobActionResult(int Done, int Requested, int Skipped)
{
    /// <summary>Both together.</summary>
    public JobActionResult Plus(JobActionResult other) => new(Done + other.Done, Requested + other.Requested, Skipped + other.Skipped);
}

/// <summary>What is done with jobs of every backend alike.</summary>
public static class JobActionExtensions
{
    /// <summary>The most pages that one selection looks at, whatever it finds there.</summary>
    public const int MaxPages = 200;

    private const int PageSize = 100;

    /// <summary>Whether jobs of a state can be dealt with so.</summary>
    public static bool Takes(this JobAction action, JobState state) => action switch
    {
        JobAction.Cancel => !state.IsEnd(),
        JobAction.Retry => state is JobState.Dead or JobState.Cancelled,
        _ => state.IsEnd(),
    };

    /// <summary>Lets a dead letter, or a tracked job that was cancelled, run again.</summary>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached; it may run again all the same.</exception>
    public static async ValueTask<RerunOutcome> RetryAsync(this IJobQueue queue, JobId id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return await queue.RedriveAsync(id, cancellationToken).ConfigureAwait(false) switch
        {
            RedriveOutcome.Redriven => RerunOutcome.Enqueued,
            RedriveOutcome.Duplicate => RerunOutcome.Duplicate,
            _ => await queue.RerunAsync(id, cancellationToken).ConfigureAwait(false),
        };
    }

    /// <summary>
    /// Picks the jobs that a filter takes, from a place on: <see cref="MaxPages"/> pages at most, so that no call goes through millions. Places stay what they are while
    /// jobs before them leave: act on one selection, then make the next.
    /// </summary>
    /// <param name="queue">The broker.</param>
    /// <param name="name">The queue.</param>
    /// <param name="filter">Which.</param>
    /// <param name="after">The <see cref="JobSelection.Next"/> of the selection before; null for the first one.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ArgumentException"><paramref name="after"/> is no such place.</exception>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached.</exception>
    public static async Task<JobSelection> SelectJobsAsync(
        this IJobQueue queue, string name, JobFilter filter, string? after, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var found = new List<JobId>();
        for (var page = 0; page < MaxPages && found.Count < limit; page++)
        {
            var jobs = await queue.FindJobsAsync(name, filter, after, Math.Min(PageSize, limit - found.Count), cancellationToken).ConfigureAwait(false);
            found.AddRange(jobs.Jobs.Select(job => job.Id));
            after = jobs.Next;
            if (after is null)
                break;
        }

        return new JobSelection(found, after);
    }

    /// <summary>
    /// Does something with jobs that were selected, some at a time; those that have ended from the oldest on, as they would have run. It may be repeated: what is done already
    /// is skipped.
    /// </summary>
    /// <param name="queue">The broker.</param>
    /// <param name="action">What.</param>
    /// <param name="state">Where they stood.</param>
    /// <param name="ids">Which.</param>
    /// <param name="cancellationToken">Stops it; what was done stays so.</param>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached; some of it may be done.</exception>
    public static async Task<JobActionResult> ActAsync(
        this IJobQueue queue, JobAction action, JobState state, IReadOnlyList<JobId> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(ids);
        var result = default(JobActionResult);
        foreach (var some in (state.IsEnd() ? ids.Reverse() : ids).Chunk(PageSize))
        {
            foreach (var one in await Task.WhenAll(some.Select(id => ActAsync(queue, action, id, cancellationToken))).ConfigureAwait(false))
                result = result.Plus(one);
        }

        return result;
    }

    private static async Task<JobActionResult> ActAsync(IJobQueue queue, JobAction action, JobId id, CancellationToken cancellationToken)
    {
        var done = action switch
        {
            JobAction.Cancel => await queue.CancelAsync(id, cancellationToken).ConfigureAwait(false),
            JobAction.Retry => Of(await queue.RetryAsync(id, cancellationToken).ConfigureAwait(false) == RerunOutcome.Enqueued),
            _ => Of(await queue.DeleteJobAsync(id, cancellationToken).ConfigureAwait(false) == DeleteOutcome.Deleted),
        };
        return done switch
        {
            CancelOutcome.Cancelled => new JobActionResult(1, 0, 0),
            CancelOutcome.Requested => new JobActionResult(0, 1, 0),
            _ => new JobActionResult(0, 0, 1),
        };

        static CancelOutcome Of(bool done) => done ? CancelOutcome.Cancelled : CancelOutcome.NotFound;
    }
}
