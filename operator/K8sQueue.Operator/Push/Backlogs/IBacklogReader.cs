using K8sQueue.Core.Redis;

namespace K8sQueue.Operator.Push.Backlogs;

/// <summary>Reads the backlogs of one Redis.</summary>
internal interface IBacklogReader : IAsyncDisposable
{
    /// <summary>The backlogs, or why there is none, in the order of the queues.</summary>
    /// <exception cref="BacklogUnavailableException">None can be told now.</exception>
    Task<BacklogReading[]> ReadAsync(IReadOnlyCollection<string> queues, CancellationToken cancellationToken);
}

/// <summary>A backlog can't be told now, which is no zero. The message goes to KEDA: no secret in it.</summary>
internal sealed class BacklogUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);
