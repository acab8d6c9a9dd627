using System.Security.Cryptography;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace K8sQueue.Api.Health;

/// <summary>Whether the cache's Redis answers. It may evict: what is in it can be had again.</summary>
internal sealed class CacheHealthCheck(RedisQueueOptions options) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await RedisInfoReader.PingAsync(options).WaitAsync(Dependencies.Deadline, cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (TimeoutException)
        {
            return HealthCheckResult.Unhealthy($"Redis at {options.Address} did not answer within {Dependencies.Deadline.TotalSeconds:0} s.");
        }
        catch (Exception e) when (e is JobQueueUnavailableException or JobQueueConfigurationException or JobQueueFullException or InvalidOperationException)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
        catch (Exception e) when (e is IOException or CryptographicException)
        {
            return HealthCheckResult.Unhealthy($"A file of its settings can't be read: {e.Message}");
        }
    }
}
