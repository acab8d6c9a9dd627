using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Queues;

/// <summary>What is done with dead letters of every backend alike.</summary>
public static class DeadLetterExtensions
{
    /// <summary>The most calls that one selection makes, whatever it finds there.</summary>
    public const int MaxLooks = 200;

    private const int PageSize = 250;
    private const int AtOnce = 100;

    /// <summary>Puts a dead letter back as it is.</summary>
    /// <inheritdoc cref="IJobQueue.RedriveAsync"/>
    public static ValueTask<RedriveOutcome> RedriveAsync(this IJobQueue queue, JobId id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return queue.RedriveAsync(id, payload: null, cancellationToken);
    }

    /// <summary>
    /// Picks the dead letters that a filter takes, oldest first, from a place on: with <see cref="MaxLooks"/> calls at most, so that nobody goes through millions. Act on one
    /// selection, then make the next.
    /// </summary>
    /// <param name="queue">The broker.</param>
    /// <param name="name">The queue.</param>
    /// <param name="filter">Which.</param>
    /// <param name="after">The <see cref="JobSelection.Next"/> of the selection before; null for the first one.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ArgumentException"><paramref name="after"/> is no such place.</exception>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached.</exception>
    public static async Task<JobSelection> SelectDeadLettersAsync(
        this IJobQueue queue, string name, DeadLetterFilter filter, string? after, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var found = new List<JobId>();
        for (var look = 0; look < MaxLooks && found.Count < limit; look++)
        {
            var page = await queue.FindDeadLettersAsync(name, filter, after, Math.Min(PageSize, limit - found.Count), cancellationToken).ConfigureAwait(false);
            found.AddRange(page.Ids);
            after = page.Next;
            if (after is null)
                break;
        }

        return new JobSelection(found, after);
    }

    /// <summary>Puts dead letters back that were selected, some at a time, in their order.</summary>
    /// <param name="queue">The broker.</param>
    /// <param name="ids">Which.</param>
    /// <param name="cancellationToken">Stops it; what was put back stays so.</param>
    /// <returns>How many were put back, and how many not since another job has their deduplication key.</returns>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached; some of it may be done.</exception>
    public static async Task<(int Redriven, int Duplicates)> RedriveAsync(this IJobQueue queue, IReadOnlyList<JobId> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(ids);
        int redriven = 0, duplicates = 0;
        foreach (var some in ids.Chunk(AtOnce))
        {
            var outcomes = await Task.WhenAll(some.Select(id => queue.RedriveAsync(id, cancellationToken).AsTask())).ConfigureAwait(false);
            redriven += outcomes.Count(outcome => outcome == RedriveOutcome.Redriven);
            duplicates += outcomes.Count(outcome => outcome == RedriveOutcome.Duplicate);
        }

        return (redriven, duplicates);
    }

    /// <summary>Deletes dead letters that were selected, some at a time, and returns how many.</summary>
    /// <inheritdoc cref="RedriveAsync(IJobQueue, IReadOnlyList{JobId}, CancellationToken)"/>
    public static async Task<int> DeleteDeadLettersAsync(this IJobQueue queue, IReadOnlyList<JobId> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(ids);
        var deleted = 0;
        foreach (var some in ids.Chunk(AtOnce))
            deleted += (await Task.WhenAll(some.Select(id => queue.DeleteDeadLetterAsync(id, cancellationToken).AsTask())).ConfigureAwait(false)).Count(done => done);
        return deleted;
    }
}
