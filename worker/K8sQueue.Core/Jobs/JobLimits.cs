namespace K8sQueue.Core.Jobs;

/// <summary>Limits that producers and brokers share.</summary>
public static class JobLimits
{
    /// <summary>The largest payload in bytes, where a queue is not set to another limit.</summary>
    public const int MaxPayloadBytes = 1024 * 1024;

    /// <summary>The longest note beside a job's progress in characters.</summary>
    public const int MaxProgressNoteLength = 256;

    /// <summary>The longest job type in characters.</summary>
    public const int MaxTypeLength = 128;

    /// <summary>The longest delay.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromDays(365);

    /// <summary>The longest <c>traceparent</c> in characters.</summary>
    public const int MaxTraceParentLength = 128;

    /// <summary>The longest deduplication or concurrency key in characters.</summary>
    public const int MaxKeyLength = 256;

    /// <summary>The most tags of a job.</summary>
    public const int MaxTags = 16;

    /// <summary>The longest tag in characters.</summary>
    public const int MaxTagLength = 64;

    /// <summary>The most jobs of one queue that one enqueue call adds all or none; a larger call is split.</summary>
    public const int AtomicBatchJobs = 1000;

    /// <summary>The most payload bytes of one queue that one enqueue call adds all or none; a larger call is split.</summary>
    public const int AtomicBatchBytes = 8 * 1024 * 1024;

    internal static void ThrowIfNoKey(string? key, string name)
    {
        if (string.IsNullOrWhiteSpace(key) || key.Length > MaxKeyLength || key.Any(char.IsControl))
            throw new ArgumentException($"{name} must be 1 to {MaxKeyLength} characters, not all blank, none of them a control character.");
    }
}
