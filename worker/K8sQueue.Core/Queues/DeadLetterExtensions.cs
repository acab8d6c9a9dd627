using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Queues;

/// <summary>What is done with dead letters of every backend alike.</summary>
public static class DeadLetterExtensions
{
    private const int PageSize = 25;

    /// <summary>Puts a dead letter back as it is.</summary>
    /// <inheritdoc cref="IJobQueue.RedriveAsync"/>
    public static ValueTask<RedriveOutcome> RedriveAsync(this IJobQueue queue, JobId id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return queue.RedriveAsync(id, payload: null, cancellationToken);
    }

    /// <summary>Puts the dead letters back that a filter takes, oldest first.</summary>
    /// <param name="queue">The broker.</param>
    /// <param name="name">The queue.</param>
    /// <param name="filter">Which.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Stops it; what was put back stays so.</param>
    /// <returns>How many were put back, and how many not since another job has their deduplication key.</returns>
    public static async Task<(int Redriven, int Duplicates)> RedriveAsync(
        this IJobQueue queue, string name, DeadLetterFilter filter, int limit, CancellationToken cancellationToken)
    {
        int redriven = 0, duplicates = 0;
        foreach (var id in await FindAsync(queue, name, filter, limit, cancellationToken).ConfigureAwait(false))
        {
            var outcome = await queue.RedriveAsync(id, cancellationToken).ConfigureAwait(false);
            redriven += outcome == RedriveOutcome.Redriven ? 1 : 0;
            duplicates += outcome == RedriveOutcome.Duplicate ? 1 : 0;
        }

        return (redriven, duplicates);
    }

    /// <summary>Deletes the dead letters that a filter takes, oldest first, and returns how many.</summary>
    /// <inheritdoc cref="RedriveAsync(IJobQueue, string, DeadLetterFilter, int, CancellationToken)"/>
    public static async Task<int> DeleteDeadLettersAsync(
        this IJobQueue queue, string name, DeadLetterFilter filter, int limit, CancellationToken cancellationToken)
    {
        var deleted = 0;
        foreach (var id in await FindAsync(queue, name, filter, limit, cancellationToken).ConfigureAwait(false))
            deleted += await queue.DeleteDeadLetterAsync(id, cancellationToken).ConfigureAwait(false) ? 1 : 0;
        return deleted;
    }

    // Pages shift where jobs are buried meanwhile, so that one may be seen twice; none is missed that was there before.
    private static async Task<IEnumerable<JobId>> FindAsync(
        IJobQueue queue, string name, DeadLetterFilter filter, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var found = new List<JobId>();
        for (var offset = 0; ; offset += PageSize)
        {
            var page = await queue.ListDeadLettersAsync(name, offset, PageSize, cancellationToken).ConfigureAwait(false);
            found.AddRange(page.Where(filter.Takes).Select(letter => letter.Job.Id));
            if (page.Count == 0)
                return found.Distinct().Reverse().Take(limit);
        }
    }
}
