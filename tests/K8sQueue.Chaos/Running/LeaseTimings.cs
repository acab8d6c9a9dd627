using K8sQueue.Core.Redis;

namespace K8sQueue.Chaos.Running;

/// <summary>The queue's timings by its lease, in the proportions of the defaults. Everybody on a queue has the same.</summary>
internal readonly record struct LeaseTimings(TimeSpan Lease)
{
    public TimeSpan MaintenanceInterval => Lease / 6;

    public void Apply(RedisQueueOptions options)
    {
        options.Lease = Lease;
        options.HeartbeatInterval = Lease / 4;
        options.MaintenanceInterval = MaintenanceInterval;
        options.OperationTimeout = Lease * 5 / 6;
        options.ConsumerExpiry = Lease * 2;
    }
}
