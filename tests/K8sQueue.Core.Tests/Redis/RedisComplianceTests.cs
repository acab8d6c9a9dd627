using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Core.Tests.Compliance;

namespace K8sQueue.Core.Tests.Redis;

public sealed class RedisComplianceTests(RedisFixture redis) : JobQueueCompliance, IClassFixture<RedisFixture>
{
    protected override IJobQueue CreateQueue() => new RedisJobQueue(RedisFixture.Options(redis.Server));
}
