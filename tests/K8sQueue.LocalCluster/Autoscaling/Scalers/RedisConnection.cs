namespace K8sQueue.LocalCluster.Autoscaling.Scalers;

/// <summary>A connection that several <see cref="RedisSource"/>s use in turn; it is closed with the last of them.</summary>
internal sealed class RedisConnection : IDisposable
{
    private static readonly Dictionary<string, RedisConnection> All = new(StringComparer.Ordinal);
    private static readonly Lock Gate = new();

    private readonly string _key;
    private readonly SemaphoreSlim _turns = new(1, 1);
    private int _users;

    private RedisConnection(string key) => _key = key;

    /// <summary>Null while it is closed. For whoever has the turn.</summary>
    public Stream? Stream { get; set; }

    /// <param name="key">Everything that a connection is made by.</param>
    public static RedisConnection Take(string key)
    {
        lock (Gate)
        {
            if (!All.TryGetValue(key, out var connection))
                All[key] = connection = new RedisConnection(key);
            connection._users++;
            return connection;
        }
    }

    public async Task<IDisposable> TakeTurnAsync(CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Turn(this);
    }

    /// <summary>One user less.</summary>
    public void Dispose()
    {
        lock (Gate)
        {
            if (--_users > 0)
                return;
            All.Remove(_key);
        }

        Close();
        _turns.Dispose();
    }

    public void Close()
    {
        Stream?.Dispose();
        Stream = null;
    }

    private sealed class Turn(RedisConnection connection) : IDisposable
    {
        public void Dispose() => connection._turns.Release();
    }
}
