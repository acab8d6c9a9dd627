using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Redis;

/// <content>Payloads of jobs that are no dead letters.</content>
public sealed partial class RedisJobQueue
{
    public async ValueTask<KeptPayload?> ReadPayloadAsync(JobId id, int maxBytes, CancellationToken cancellationToken) =>
        await new RedisPayloadReader(_services).ReadAsync(id, maxBytes).WaitAsync(cancellationToken).ConfigureAwait(false);
}
