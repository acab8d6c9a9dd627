using K8sQueue.Core.Redis;
using K8sQueue.Core.Redis.Resp;
using K8sQueue.Testing;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>One redis-server for a class of tests, each of which has queues of its own.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    /// <summary>The lease of who is <see cref="Patient"/>.</summary>
    public static readonly TimeSpan PatientLease = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

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
        CompletedRetention = TimeSpan.FromMinutes(1),
    };

    /// <summary>The times of a worker that is not taken for lost, and of housekeeping that has no gap, where a busy machine holds them up.</summary>
    public static void Patient(RedisQueueOptions options) =>
        (options.Lease, options.MaintenanceInterval, options.ConsumerExpiry) = (PatientLease, TimeSpan.FromSeconds(30), TimeSpan.FromHours(1));

    /// <summary>The same of a worker whose heartbeat no test meets after its first beat.</summary>
    public static void Quiet(RedisQueueOptions options)
    {
        Patient(options);
        options.HeartbeatInterval = TimeSpan.FromMinutes(1);
    }

    /// <summary>Sends one command on a connection of its own; the server must take it.</summary>
    internal static RespValue Raw(RedisServer server, params object[] command)
    {
        using var connection = RespConnection.Connect(new RedisEndpoint(Options(server)), Patience);
        var reply = connection.Call(Patience, command);
        reply.Error.Should().BeNull();
        return reply;
    }
}
