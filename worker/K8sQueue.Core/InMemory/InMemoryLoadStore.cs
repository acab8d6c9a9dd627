using K8sQueue.Core.Capacity;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.InMemory;

/// <summary>The load of the queues of one process.</summary>
/// <param name="time">The clock.</param>
/// <param name="enqueuedTotal">How many jobs a queue ever took.</param>
internal sealed class InMemoryLoadStore(TimeProvider time, Func<string, long> enqueuedTotal) : ILoadStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LoadJournal> _journals = new(StringComparer.Ordinal);

    public ValueTask ReportAsync(string queue, LoadSample sample, CancellationToken cancellationToken)
    {
        QueueName.ThrowIfInvalid(queue);
        ArgumentNullException.ThrowIfNull(sample);
        lock (_gate)
        {
            if (!_journals.TryGetValue(queue, out var journal))
                _journals[queue] = journal = new LoadJournal();
            journal.Report(time.GetUtcNow(), enqueuedTotal(queue), sample);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<LoadHistory> ReadAsync(string queue, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(
                (_journals.GetValueOrDefault(queue) ?? new LoadJournal()).Read(time.GetUtcNow(), enqueuedTotal(queue)));
        }
    }
}
