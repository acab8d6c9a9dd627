using K8sQueue.Core.Redis;
using K8sQueue.Testing;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>One redis-server for a class of tests, each of which has queues of its own.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    public RedisServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await RedisServer.StartAsync();

    public async Task DisposeAsync() => await Server.DisposeAsync();

    /// <summary>Settings with times that suit a test.</summary>
    public static RedisQueueOptions Options(RedisServer server) => new()
    {
        Address = server.Address,
        Lease = TimeSpan.FromMilliseconds(1200),
        HeartbeatInterval = TimeSpan.FromMilliseconds(200),
        MaintenanceInterval = TimeSpan.FromMilliseconds(250),
        IdleWait = TimeSpan.FromMilliseconds(300),
        PausedPollInterval = TimeSpan.FromMilliseconds(50),
        ConsumerExpiry = TimeSpan.FromSeconds(1),
        CompletedRetention = TimeSpan.FromSeconds(1),
    };
}
