using K8sQueue.Core.Jobs;
using K8sQueue.Core.Redis;
using K8sQueue.Worker.Tests.Support;

namespace K8sQueue.Worker.Tests.Processes;

/// <summary>What a worker is charged of a Redis is what it opens there.</summary>
[Collection(ProcessesCollection.Name)]
public sealed class WorkerSocketsTests
{
    private const string Pod = "emails-abc-1";
    private static readonly string[] Queues = ["one", "two", "three"];

    [Fact]
    public async Task A_worker_of_several_queues_opens_as_many_sockets_as_it_is_charged_under_load_and_idle()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var queue = new RedisJobQueue(new RedisQueueOptions { Address = redis.Address });
        await using var worker = WorkerProcess.Start(
            ("K8SQUEUE_QUEUES", string.Join(',', Queues)), ("K8SQUEUE_REDIS_ADDRESS", redis.Address), ("K8SQUEUE_POD_NAME", Pod), ("K8SQUEUE_CONCURRENCY", "16"),
            ("K8SQUEUE_HANDLERS", """{"quick": {"exec": {"command": ["true"]}}}"""));
        await worker.ReadyAsync();
        foreach (var name in Queues)
            await queue.EnqueueAsync([.. Enumerable.Repeat(new JobRequest { Queue = name, Type = "quick" }, 200)], CancellationToken.None);

        var most = 0;
        await Eventually.IsTrue(async () =>
        {
            most = Math.Max(most, await SocketsAsync(redis));
            return await CompletedAsync(queue) == 600;
        }, TimeSpan.FromSeconds(60));
        await Eventually.IsTrue(async () => (most = Math.Max(most, await SocketsAsync(redis))) >= RedisSockets.PerWorker);

        most.Should().Be(RedisSockets.PerWorker);
    }

    private static async Task<int> SocketsAsync(RedisServer redis) =>
        (await RedisServerReader.ReadAsync(new RedisQueueOptions { Address = redis.Address })).Clients!.Count(client => client.Name == Pod);

    private static async Task<long> CompletedAsync(RedisJobQueue queue)
    {
        long completed = 0;
        foreach (var name in Queues)
            completed += (await queue.GetStatisticsAsync(name, CancellationToken.None)).CompletedTotal;
        return completed;
    }
}
