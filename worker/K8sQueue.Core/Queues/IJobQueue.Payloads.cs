using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Queues;

/// <content>Payloads of jobs that are no dead letters.</content>
public partial interface IJobQueue
{
    /// <summary>
    /// The payload of a tracked job that waits or runs, or was cancelled and may run again. Null where it is kept no more, as of a completed job, where the job is
    /// not tracked or a dead letter, and where it moved on just then.
    /// </summary>
    /// <param name="id">The job.</param>
    /// <param name="maxBytes">A larger payload is not read: of it no more than its size is told.</param>
    /// <param name="cancellationToken">Stops the wait for it.</param>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached.</exception>
    ValueTask<KeptPayload?> ReadPayloadAsync(JobId id, int maxBytes, CancellationToken cancellationToken);
}

/// <summary>What a queue has of a job's payload.</summary>
/// <param name="Bytes">Its size.</param>
/// <param name="Content">The payload; null where it is larger than was asked for.</param>
public readonly record struct KeptPayload(int Bytes, ReadOnlyMemory<byte>? Content)
{
    internal static KeptPayload Of(ReadOnlyMemory<byte> payload, int maxBytes) =>
        new(payload.Length, payload.Length <= maxBytes ? payload : default(ReadOnlyMemory<byte>?));
}
