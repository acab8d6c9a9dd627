using K8sQueue.Core.Queues;

namespace K8sQueue.Core.InMemory;

/// <summary>Settings of <see cref="InMemoryJobQueue"/>.</summary>
public sealed class InMemoryQueueOptions
{
    /// <summary>How long after its consumer was disposed a job is recovered. The default value is 6 seconds.</summary>
    public TimeSpan Lease { get; set; } = JobQueueDefaults.Lease;

    /// <summary>How long a fetch waits on idle queues before it returns empty. The default value is 5 seconds.</summary>
    public TimeSpan IdleWait { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Crashes after which a job is a dead letter. The default value is 3.</summary>
    public int MaxCrashes { get; set; } = JobQueueDefaults.MaxCrashes;

    /// <summary>How long a tracked job's record outlives its completion. The default value is 1 hour.</summary>
    public TimeSpan CompletedRetention { get; set; } = JobQueueDefaults.CompletedRetention;

    /// <summary>How long a tracked job's record outlives its burial. The default value is 7 days.</summary>
    public TimeSpan DeadRetention { get; set; } = JobQueueDefaults.DeadRetention;

    /// <summary>How many events of a queue are kept; 0 for none. The default value is 10,000.</summary>
    public int EventsLimit { get; set; } = JobQueueDefaults.EventsLimit;
}
