using System.Globalization;
using K8sQueue.Chaos.Histories;
using K8sQueue.Core.Redis;
using StackExchange.Redis;

namespace K8sQueue.Chaos.Faults;

/// <summary>Looks at the server from outside, and changes its settings.</summary>
internal sealed class RedisInspector : IAsyncDisposable
{
    private const string EveryKey = RedisKeys.Prefix + "*";

    private readonly ConnectionMultiplexer _connection;
    private readonly IServer _server;

    private RedisInspector(ConnectionMultiplexer connection, string address)
    {
        _connection = connection;
        _server = connection.GetServer(address);
    }

    public string Version => _server.Version.ToString();

    private IDatabase Database => _connection.GetDatabase();

    public static async Task<RedisInspector> ConnectAsync(string address)
    {
        var options = ConfigurationOptions.Parse(address);
        options.AllowAdmin = true;
        options.SyncTimeout = options.ConnectTimeout = 30_000;
        return new RedisInspector(await ConnectionMultiplexer.ConnectAsync(options), address);
    }

    public Task ConfigureAsync(string name, string value) => _server.ConfigSetAsync(name, value);

    /// <summary>The memory that counts to <c>maxmemory</c>, in bytes.</summary>
    public async Task<long> UsedMemoryAsync()
    {
        var info = await _server.InfoAsync("memory");
        return long.Parse(info.SelectMany(group => group).Single(pair => pair.Key == "used_memory").Value, CultureInfo.InvariantCulture);
    }

    /// <summary>Runs a command as it stands.</summary>
    public Task ExecuteAsync(string command, params object[] arguments) => Database.ExecuteAsync(command, arguments);

    /// <summary>Every key of every queue.</summary>
    public async Task<IReadOnlyList<KeyState>> KeysAsync() =>
        await Task.WhenAll(_server.Keys(pattern: EveryKey, pageSize: 1000).Select(key => StateAsync(key!)));

    public async ValueTask DisposeAsync() => await _connection.CloseAsync();

    private async Task<KeyState> StateAsync(string key)
    {
        if (await Database.KeyTimeToLiveAsync(key) is not null)
            return new KeyState(key, Length: 1, Expires: true);
        return await Database.KeyTypeAsync(key) switch
        {
            RedisType.SortedSet => new KeyState(key, await Database.SortedSetLengthAsync(key)),
            RedisType.Hash => new KeyState(key, await Database.HashLengthAsync(key)),
            RedisType.Set => new KeyState(key, await Database.SetLengthAsync(key)),
            RedisType.Unknown => await StreamAsync(key),
            _ => new KeyState(key, Length: 1),
        };
    }

    // The driver is older than streams.
    private async Task<KeyState> StreamAsync(string key)
    {
        var length = (long)await Database.ExecuteAsync("XLEN", key);
        var (consumers, pending) = (0L, 0L);
        foreach (var group in (RedisResult[])await Database.ExecuteAsync("XINFO", "GROUPS", key))
        {
            var fields = (RedisResult[])group;
            consumers += (long)fields[3];
            pending += (long)fields[5];
        }

        return new KeyState(key, length, pending, consumers);
    }
}
