namespace K8sQueue.Core.Queues;

/// <summary>Defaults that every backend shares.</summary>
public static class JobQueueDefaults
{
    /// <summary>Crashes after which a job is a dead letter.</summary>
    public const int MaxCrashes = 3;

    /// <summary>How many events of a queue are kept, about.</summary>
    public const int EventsLimit = 10_000;

    /// <summary>How long an owner may be silent before its jobs are recovered.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(6);

    /// <summary>How often housekeeping runs.</summary>
    public static readonly TimeSpan MaintenanceInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long a tracked job's record outlives its completion.</summary>
    public static readonly TimeSpan CompletedRetention = TimeSpan.FromHours(1);

    /// <summary>How long a tracked job's record outlives its burial.</summary>
    public static readonly TimeSpan DeadRetention = TimeSpan.FromDays(7);
}
