using System.Collections.Concurrent;
using K8sQueue.Core.Redis;
using K8sQueue.Operator.Push.Backlogs;

namespace K8sQueue.Operator.Tests.Push;

/// <summary>A Redis whose queues are set by a test.</summary>
internal sealed class FakeBacklogReader : IBacklogReader
{
    public ConcurrentDictionary<string, long> Jobs { get; } = new();

    /// <summary>The queues of each reading.</summary>
    public ConcurrentQueue<IReadOnlyCollection<string>> Readings { get; } = new();

    public bool IsAway { get; set; }

    public Task<QueueBacklog[]> ReadAsync(IReadOnlyCollection<string> queues, CancellationToken cancellationToken)
    {
        Readings.Enqueue(queues);
        return IsAway
            ? throw new BacklogUnavailableException("Redis can't be reached.")
            : Task.FromResult(queues.Select(queue => new QueueBacklog(Jobs.GetValueOrDefault(queue), null, false)).ToArray());
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
