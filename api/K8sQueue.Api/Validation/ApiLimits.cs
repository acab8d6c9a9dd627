namespace K8sQueue.Api.Validation;

/// <summary>What this API accepts at most, beside <see cref="PayloadLimit"/>. docs/reference/api.md lists these.</summary>
internal static class ApiLimits
{
    /// <summary>Containers within containers in a payload.</summary>
    public const int MaxPayloadDepth = 64;

    /// <summary>Jobs in one bulk request; their results are kept in memory until it ends (about 100 bytes each).</summary>
    public const int MaxBulkJobs = 100_000;

    /// <summary>Jobs that bulk enqueue hands to the broker at once.</summary>
    public const int BulkBatchJobs = 500;

    /// <summary>Payload bytes that bulk enqueue hands to the broker at once, but for a single larger job.</summary>
    public const int BulkBatchBytes = 1024 * 1024;

    /// <summary>Jobs of single requests that wait for the broker in one replica.</summary>
    public const int MaxWaitingJobs = 20_000;

    /// <summary>Payload bytes of the same.</summary>
    public const long MaxWaitingBytes = 64 * 1024 * 1024;

    /// <summary>Queues on a page.</summary>
    public const int MaxPageSize = 100;

    /// <summary>Dead letters on a page. The broker answers with their payloads, so this is what bounds a page's memory: 25 of the largest.</summary>
    public const int MaxDeadLetterPageSize = 25;

    /// <summary>Jobs that one request cancels, retries or deletes.</summary>
    public const int MaxJobActions = 10_000;

    /// <summary>A payload larger than this is left out of a list of dead letters.</summary>
    public const int MaxListedPayloadBytes = 16 * 1024;
}
