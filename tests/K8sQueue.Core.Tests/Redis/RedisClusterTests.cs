using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Testing;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>A member of a cluster is refused: only the driver would follow the queue to the member that has it, and leases are renewed on a socket of ours.</summary>
public sealed class RedisClusterTests
{
    private readonly CancellationToken _bound = new CancellationTokenSource(TimeSpan.FromSeconds(40)).Token;

    [Theory]
    [InlineData(JobDurability.Async)]
    [InlineData(JobDurability.Fsync)]
    public async Task A_server_of_a_cluster_is_refused_and_what_to_use_is_named(JobDurability durability)
    {
        // Without a port of its own the cluster's bus takes the server's plus 10,000, which a client of another test may have.
        await using var server = await RedisServer.StartAsync(
            "--cluster-enabled", "yes", "--cluster-port", $"{FreePort.Next()}", "--appendonly", "yes", "--appendfsync", "always");
        var options = RedisFixture.Options(server);
        options.Durability = durability;
        await using var queue = new RedisJobQueue(options);
        Func<Task>[] calls =
        [
            () => queue.CheckHealthAsync(_bound).AsTask(),
            () => queue.OpenConsumerAsync(new JobConsumerOptions { Queues = ["q"], Name = "c1" }, _bound).AsTask(),
            () => queue.EnqueueAsync([new JobRequest { Queue = "q", Type = "t" }], _bound).AsTask(),
        ];

        foreach (var call in calls)
            (await call.Should().ThrowAsync<JobQueueConfigurationException>()).WithMessage("*part of a Redis Cluster*use a server alone*");
    }
}
