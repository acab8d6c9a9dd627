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
    public const string Worker = "k8squeue_worker";

    public static readonly string[] Names = [BullMq, Raw, K8sQueue, Tracked, Results, Worker];

    public static async Task<IQueueContender> StartAsync(string name, RedisServer redis, CancellationToken cancellationToken) => name switch
    {
        BullMq => await BullMqContender.StartAsync(redis.Port, cancellationToken),
        Raw => await RawContender.StartAsync(redis.Address),
        K8sQueue => new NativeContender(redis.Address, tracked: false),
        Tracked => new NativeContender(redis.Address, tracked: true),
        Results => new NativeContender(redis.Address, tracked: true, results: true),
        Worker => new WorkerContender(redis.Address),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such contender."),
    };
}
