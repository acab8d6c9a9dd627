namespace K8sQueue.Core.Redis;

/// <summary>A call that was started: it may outlive the deadline of who waits for it.</summary>
internal abstract class RedisCall
{
    private volatile RedisConnection.Session? _session;

    /// <summary>What it runs on; null while it waits for a connection.</summary>
    public RedisConnection.Session? Session
    {
        get => _session;
        set => _session = value;
    }
}

/// <inheritdoc/>
internal sealed class RedisCall<T> : RedisCall
{
    public RedisCall(Func<RedisCall, Task<T>> start) => Reply = start(this);

    public Task<T> Reply { get; }
}
