using System.Globalization;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Redis;

/// <summary>Whether the server may be trusted with jobs. INFO says it: managed servers refuse CONFIG.</summary>
internal sealed class RedisHealth(RedisConnection connection)
{
    private const int LeastVersion = 7;

    private int _checkedGeneration = -1;

    /// <summary>Checks once for each connection.</summary>
    public Task EnsureAsync() => Volatile.Read(ref _checkedGeneration) == connection.Generation ? Task.CompletedTask : CheckAsync();

    /// <summary>Checks now.</summary>
    /// <exception cref="JobQueueUnavailableException">The server can't be reached, or is a replica.</exception>
    /// <exception cref="JobQueueConfigurationException">The server could lose jobs.</exception>
    public async Task CheckAsync()
    {
        var info = (string)(await connection.ExecuteAsync("INFO").ConfigureAwait(false))!;
        var generation = connection.Generation;
        Check(info, connection.Address);
        Volatile.Write(ref _checkedGeneration, generation);
    }

    /// <summary>Judges what INFO says.</summary>
    internal static void Check(string info, string address)
    {
        var values = info.Split('\n').Select(l => l.Trim().Split(':', 2)).Where(p => p.Length == 2)
            .GroupBy(p => p[0], StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First()[1], StringComparer.Ordinal);
        var version = values.GetValueOrDefault("redis_version", "unknown");
        if (!int.TryParse(version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) || major < LeastVersion)
        {
            throw new JobQueueConfigurationException(
                $"Redis at {address} is version {version}: the queue needs Redis {LeastVersion}.0 or later, or Valkey.");
        }

        var policy = values.GetValueOrDefault("maxmemory_policy", "unknown");
        if (policy != "noeviction")
        {
            throw new JobQueueConfigurationException(
                $"Redis at {address} has maxmemory-policy {policy} and could evict jobs: set maxmemory-policy noeviction.");
        }

        if (values.GetValueOrDefault("role") is "slave" or "replica")
            throw new JobQueueUnavailableException($"Redis at {address} is a replica and takes no writes.");
    }
}
