using System.Globalization;
using System.Security.Authentication;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis.Resp;

namespace K8sQueue.Core.Redis;

/// <summary>Whether the server may be trusted with jobs. INFO says it: managed servers refuse CONFIG.</summary>
internal sealed class RedisHealth(RedisConnection connection, RedisEndpoint endpoint, TimeSpan timeout)
{
    private const int LeastVersion = 7;

    private int _checkedGeneration = -1;

    private bool IsChecked => Volatile.Read(ref _checkedGeneration) == connection.Generation;

    /// <summary>Checks once for each connection.</summary>
    public Task EnsureAsync() => IsChecked ? Task.CompletedTask : CheckAsync();

    /// <summary>
    /// As <see cref="EnsureAsync"/>, for who was let in before: a server that can't be reached, or that has another password for now, is
    /// unavailable and no more.
    /// </summary>
    public Task EnsureStillAsync() => IsChecked ? Task.CompletedTask : JudgeAsync();

    /// <summary>Checks now.</summary>
    /// <exception cref="JobQueueUnavailableException">The server can't be reached, or is a replica.</exception>
    /// <exception cref="JobQueueConfigurationException">The server could lose jobs.</exception>
    public async Task CheckAsync()
    {
        try
        {
            await JudgeAsync().ConfigureAwait(false);
        }
        catch (JobQueueUnavailableException e) when (e.InnerException is not null)
        {
            await Task.Run(() => Diagnose(e)).ConfigureAwait(false);
            throw;
        }
    }

    private async Task JudgeAsync()
    {
        var info = Parse((string)(await connection.ExecuteAsync("INFO").ConfigureAwait(false))!);
        var generation = connection.Generation;
        try
        {
            Check(info, connection.Address);
        }
        catch (JobQueueUnavailableException)
        {
            connection.GiveUp();
            throw;
        }

        Volatile.Write(ref _checkedGeneration, generation);
    }

    // The driver tells a wrong password, a foreign certificate and a server that is down all the same way.
    private void Diagnose(JobQueueUnavailableException unavailable)
    {
        try
        {
            RespConnection.Connect(endpoint, timeout).Dispose();
        }
        catch (RespException e)
        {
            throw RedisErrors.FromServer(e.Message, connection.Address, unavailable);
        }
        catch (AuthenticationException e)
        {
            throw new JobQueueConfigurationException(
                $"Redis at {connection.Address}: TLS failed: {e.Message} Check the address and the CA file.", unavailable);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new JobQueueUnavailableException($"Redis can't be reached: {e.Message}", unavailable);
        }
    }

    /// <summary>What INFO says, by name.</summary>
    internal static IReadOnlyDictionary<string, string> Parse(string info) =>
        info.Split('\n').Select(l => l.Trim().Split(':', 2)).Where(p => p.Length == 2)
            .GroupBy(p => p[0], StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First()[1], StringComparer.Ordinal);

    /// <summary>Judges what INFO says.</summary>
    internal static void Check(IReadOnlyDictionary<string, string> values, string address)
    {
        var version = values.GetValueOrDefault("redis_version", "unknown");
        if (!int.TryParse(version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) || major < LeastVersion)
        {
            throw new JobQueueConfigurationException(
                $"Redis at {address} is version {version}: the queue needs Redis {LeastVersion}.0 or later, or Valkey.");
        }

        if (values.GetValueOrDefault("cluster_enabled") == "1")
        {
            throw new JobQueueConfigurationException(
                $"Redis at {address} is part of a Redis Cluster, which the queue does not follow: use a server alone, or a primary and its replicas "
                + "behind one address that leads to the primary, with cluster-enabled no.");
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
