using K8sQueue.Benchmarks.Queues.BullMq;
using K8sQueue.Benchmarks.Queues.Native;
using K8sQueue.Benchmarks.Queues.Raw;
using K8sQueue.Testing;

namespace K8sQueue.Benchmarks.Queues;

/// <summary>The systems in the comparison, by their names on the command line and in bench-queue.json.</summary>
internal static class QueueContenders
{
    public const string BullMq = "bullmq";
    public const string Raw = "raw";
    public const string K8sQueue = "k8squeue";
    public const string Tracked = "k8squeue_tracked";
    public const string Results = "k8squeue_results";
    public const string Unique = "k8squeue_unique";
    public const string Keyed = "k8squeue_keys";
    public const string Limited = "k8squeue_limits";
    public const string Worker = "k8squeue_worker";

    public static readonly string[] Names = [BullMq, Raw, K8sQueue, Tracked, Results, Unique, Keyed, Limited, Worker];

    public static async Task<IQueueContender> StartAsync(string name, RedisServer redis, CancellationToken cancellationToken) => name switch
    {
        BullMq => await BullMqContender.StartAsync(redis.Port, cancellationToken),
        Raw => await RawContender.StartAsync(redis.Address),
        K8sQueue => new NativeContender(redis.Address, NativeJobs.Untracked),
        Tracked => new NativeContender(redis.Address, NativeJobs.Tracked),
        Results => new NativeContender(redis.Address, NativeJobs.WithResults),
        Unique => new NativeContender(redis.Address, NativeJobs.Unique),
        Keyed => new NativeContender(redis.Address, NativeJobs.Keyed),
        Limited => new NativeContender(redis.Address, NativeJobs.Limited),
        Worker => new WorkerContender(redis.Address),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such contender."),
    };
}
