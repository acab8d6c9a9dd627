using K8sQueue.Core.InMemory;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Tests.Compliance;

namespace K8sQueue.Core.Tests.InMemory;

public sealed class InMemoryComplianceTests : JobQueueCompliance
{
    protected override IJobQueue CreateQueue(TimeSpan completedRetention, TimeSpan? lease) => new InMemoryJobQueue(new InMemoryQueueOptions
    {
        Lease = lease ?? TimeSpan.FromMilliseconds(200),
        IdleWait = TimeSpan.FromMilliseconds(300),
        CompletedRetention = completedRetention,
    });
}
