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

    /// <summary>Queues of a Redis that is there that can't be read.</summary>
    public ConcurrentDictionary<string, Exception> Bad { get; } = new();

    /// <summary>What a reading throws that nobody expects.</summary>
    public Exception? Surprise { get; set; }

    /// <summary>What closing throws.</summary>
    public Exception? CloseFailure { get; set; }

    public bool IsClosed { get; private set; }

    public Task<BacklogReading[]> ReadAsync(IReadOnlyCollection<string> queues, CancellationToken cancellationToken)
    {
        Readings.Enqueue(queues);
        if (Surprise is { } surprise)
            throw surprise;
        return IsAway
            ? throw new BacklogUnavailableException("Redis can't be reached.")
            : Task.FromResult(queues.Select(queue => Bad.TryGetValue(queue, out var error)
                ? new BacklogReading(null, error)
                : new BacklogReading(new QueueBacklog(Jobs.GetValueOrDefault(queue), null, false), null)).ToArray());
    }

    public ValueTask DisposeAsync()
    {
        IsClosed = true;
        return CloseFailure is { } failure ? throw failure : ValueTask.CompletedTask;
    }
}
