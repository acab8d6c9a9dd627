using StackExchange.Redis;

namespace K8sQueue.Core.Redis;

/// <summary>A call that was started: it may outlive the deadline of who waits for it.</summary>
internal sealed class RedisCall
{
    private volatile RedisConnection.Session? _session;

    public RedisCall(Func<RedisCall, Task<RedisResult>> start) => Reply = start(this);

    public Task<RedisResult> Reply { get; }

    /// <summary>What it runs on; null while it waits for a connection.</summary>
    public RedisConnection.Session? Session
    {
        get => _session;
        set => _session = value;
    }
}
