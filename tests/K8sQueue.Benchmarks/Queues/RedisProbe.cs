using System.Globalization;
using K8sQueue.Testing;
using StackExchange.Redis;

namespace K8sQueue.Benchmarks.Queues;

/// <summary>The benchmark's own view of the server: empties it and reads what the work cost it.</summary>
internal sealed class RedisProbe : IAsyncDisposable
{
    private readonly ConnectionMultiplexer _connection;
    private readonly IServer _server;

    private RedisProbe(ConnectionMultiplexer connection, string address)
    {
        _connection = connection;
        _server = connection.GetServer(address);
    }

    public static async Task<RedisProbe> ConnectAsync(string address)
    {
        var options = ConfigurationOptions.Parse(address);
        options.AllowAdmin = true;
        options.SyncTimeout = 30_000;
        return new RedisProbe(await ConnectionMultiplexer.ConnectAsync(options), address);
    }

    public string Version => _server.Version.ToString();

    /// <summary>Empties the server, and waits until the memory of what it had is free for what comes: it is not given back to the system.</summary>
    public async Task FlushAsync()
    {
        await _connection.GetDatabase().ExecuteAsync("FLUSHALL", "ASYNC");
        await Eventually.IsTrue(async () => (await InfoAsync("memory"))["lazyfree_pending_objects"] == "0");
    }

    /// <summary>Empties the server, which gives all its memory back to the system: each page that is filled next costs a fault.</summary>
    public Task FlushAndReleaseMemoryAsync() => _server.FlushAllDatabasesAsync();

    public Task ResetStatisticsAsync() => _server.ConfigResetStatisticsAsync();

    /// <summary>Processor time of the server since its start.</summary>
    public async Task<TimeSpan> CpuAsync()
    {
        var values = await InfoAsync("cpu");
        return TimeSpan.FromSeconds(Number(values["used_cpu_user"]) + Number(values["used_cpu_sys"]));
    }

    /// <summary>Commands by the time they took, the longest first: name, calls, microseconds.</summary>
    public async Task<IReadOnlyList<(string Command, long Calls, double Microseconds)>> CommandStatisticsAsync()
    {
        // cmdstat_xadd:calls=5,usec=12,usec_per_call=2.40,rejected_calls=0,failed_calls=0
        var statistics = new List<(string Command, long Calls, double Microseconds)>();
        foreach (var (key, value) in await InfoAsync("commandstats"))
        {
            var fields = value.Split(',').Select(field => field.Split('=')).ToDictionary(f => f[0], f => f[1], StringComparer.Ordinal);
            statistics.Add((key["cmdstat_".Length..], (long)Number(fields["calls"]), Number(fields["usec"])));
        }

        return [.. statistics.OrderByDescending(s => s.Microseconds)];
    }

    public async ValueTask DisposeAsync() => await _connection.CloseAsync();

    private async Task<Dictionary<string, string>> InfoAsync(string section)
    {
        var groups = await _server.InfoAsync(section);
        return groups.SelectMany(group => group).ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
