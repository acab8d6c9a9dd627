using K8sQueue.Core.InMemory;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Tests.Compliance;

namespace K8sQueue.Core.Tests.InMemory;

public sealed class InMemoryComplianceTests : JobQueueCompliance
{
    protected override IJobQueue CreateQueue() => new InMemoryJobQueue(new InMemoryQueueOptions
    {
        Lease = TimeSpan.FromMilliseconds(200),
        IdleWait = TimeSpan.FromMilliseconds(300),
        CompletedRetention = TimeSpan.FromSeconds(1),
    });
}
