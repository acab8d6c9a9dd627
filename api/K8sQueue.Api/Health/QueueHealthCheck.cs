using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace K8sQueue.Api.Health;

/// <summary>Whether the queue's Redis answers, and may be trusted with jobs.</summary>
internal sealed class QueueHealthCheck(BrokerHealth broker) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await broker.CheckAsync().WaitAsync(cancellationToken) is { } problem
            ? HealthCheckResult.Unhealthy(problem.Detail ?? problem.Type.Title)
            : HealthCheckResult.Healthy();
}
