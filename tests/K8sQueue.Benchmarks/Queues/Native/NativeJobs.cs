using System.Globalization;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Benchmarks.Queues.Native;

/// <summary>What jobs a row of K8sQueue has, and what they ask of the queue.</summary>
/// <param name="Name">The row's name.</param>
/// <param name="Make">The job of a number.</param>
/// <param name="Result">What they leave; null for nothing.</param>
/// <param name="Limits">What bounds their starts; null for nothing.</param>
internal sealed record NativeJobs(string Name, Func<long, JobRequest> Make, ReadOnlyMemory<byte>? Result = null, QueueLimits? Limits = null)
{
    private const int Tenants = 100;

    public static readonly JobRequest Plain = new() { Queue = NativeContender.Queue, Type = "noop", Payload = BenchmarkPayload.Utf8 };

    private static readonly JobRequest TrackedJob = Plain with { Tracked = true };

    private static readonly JobRequest[] OfTenants =
    [
        .. Enumerable.Range(0, Tenants).Select(i => Plain with { Concurrency = new JobConcurrency($"tenant-{i}", 10_000) }),
    ];

    public static readonly NativeJobs Untracked = new("K8sQueue", _ => Plain);

    public static readonly NativeJobs Tracked = new("K8sQueue, tracked", _ => TrackedJob);

    public static readonly NativeJobs WithResults = new("K8sQueue, results", _ => TrackedJob, BenchmarkPayload.Utf8);

    /// <summary>Each job has a deduplication key of its own until it is done.</summary>
    public static readonly NativeJobs Unique = new("K8sQueue, unique", number => Plain with
    {
        Deduplication = new JobDeduplication(number.ToString(CultureInfo.InvariantCulture), UntilDone: true),
    });

    /// <summary>Each job has one of 100 concurrency keys, whose limits are not reached.</summary>
    public static readonly NativeJobs Keyed = new("K8sQueue, keys", number => OfTenants[number % Tenants]);

    /// <summary>Their queue has a rate and a most that run at once, which are not reached.</summary>
    public static readonly NativeJobs Limited = new("K8sQueue, limits", _ => Plain, Limits: new QueueLimits
    {
        Rate = new QueueRate(QueueLimits.MaxJobs, TimeSpan.FromSeconds(1)),
        Concurrency = QueueLimits.MaxJobs,
    });
}
