using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Core.Tests.Compliance;

namespace K8sQueue.Core.Tests.Redis;

public sealed class RedisComplianceTests(RedisFixture redis) : JobQueueCompliance, IClassFixture<RedisFixture>
{
    protected override IJobQueue CreateQueue(TimeSpan completedRetention, TimeSpan? lease)
    {
        var options = RedisFixture.Options(redis.Server);
        options.CompletedRetention = completedRetention;
        if (lease is { } given)
            (options.Lease, options.ConsumerExpiry, options.MaintenanceInterval) = (given, given, given / 4);
        return new RedisJobQueue(options);
    }
}
