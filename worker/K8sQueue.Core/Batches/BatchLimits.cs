namespace K8sQueue.Core.Batches;

/// <summary>Limits of batches and flows.</summary>
public static class BatchLimits
{
    /// <summary>The most jobs of a batch, and of a flow.</summary>
    public const int MaxJobs = 10_000;

    /// <summary>The most levels of a flow.</summary>
    public const int MaxDepth = 32;

    /// <summary>How long the record of a batch outlives its end.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(7);

    /// <summary>How long the record is kept of a batch whose producer was lost before all of its jobs were enqueued.</summary>
    public static readonly TimeSpan UnsealedRetention = TimeSpan.FromDays(7);

    /// <summary>How long the record is kept of a batch that does not end. A job may be delayed by a year.</summary>
    public static readonly TimeSpan LongestRetention = TimeSpan.FromDays(800);
}
