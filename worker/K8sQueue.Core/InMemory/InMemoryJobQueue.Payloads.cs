using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.InMemory;

/// <content>Payloads of jobs that are no dead letters.</content>
public sealed partial class InMemoryJobQueue
{
    public ValueTask<KeptPayload?> ReadPayloadAsync(JobId id, int maxBytes, CancellationToken cancellationToken)
    {
        lock (Gate)
            return ValueTask.FromResult(id.IsTracked && Find(id.Queue)?.FindPayload(id) is { } payload ? KeptPayload.Of(payload, maxBytes) : default(KeptPayload?));
    }
}
