using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Audit;

/// <summary>The part of a broker that remembers what was done to its queues lately, and by whom. Nothing is decided by it.</summary>
public interface IAuditLog
{
    /// <summary>About how many entries are kept; older ones are dropped.</summary>
    const int MaxEntries = 10_000;

    /// <summary>Writes down what was done.</summary>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached; it may have been written all the same.</exception>
    /// <exception cref="JobQueueFullException">The broker has no memory left.</exception>
    ValueTask AddAsync(AuditAct act, CancellationToken cancellationToken);

    /// <summary>What was done, newest first.</summary>
    /// <param name="before">Only what was done before that; null for the newest.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellationToken">Stops the wait for it.</param>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached.</exception>
    ValueTask<IReadOnlyList<AuditEntry>> ListAsync(JobEventId? before, int count, CancellationToken cancellationToken);

    /// <summary>Notes when keys were last used, in place of what was noted of them before.</summary>
    /// <param name="uses">The times by the keys' names: at least one.</param>
    /// <param name="cancellationToken">Stops the wait for it.</param>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached.</exception>
    /// <exception cref="JobQueueFullException">The broker has no memory left.</exception>
    ValueTask NoteUsesAsync(IReadOnlyDictionary<string, DateTimeOffset> uses, CancellationToken cancellationToken);

    /// <summary>When keys were last used, by their names.</summary>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached.</exception>
    ValueTask<IReadOnlyDictionary<string, DateTimeOffset>> ReadUsesAsync(CancellationToken cancellationToken);
}
