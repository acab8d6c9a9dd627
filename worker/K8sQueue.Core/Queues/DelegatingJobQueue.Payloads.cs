using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Queues;

/// <content>Payloads of jobs that are no dead letters.</content>
public abstract partial class DelegatingJobQueue
{
    public virtual ValueTask<KeptPayload?> ReadPayloadAsync(JobId id, int maxBytes, CancellationToken cancellationToken) =>
        Inner.ReadPayloadAsync(id, maxBytes, cancellationToken);
}
