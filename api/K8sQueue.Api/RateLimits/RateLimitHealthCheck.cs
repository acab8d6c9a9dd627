using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace K8sQueue.Api.RateLimits;

/// <summary>Whether requests are counted.</summary>
internal sealed class RateLimitHealthCheck(RateLimiting limits) : IHealthCheck
{
    public const string Name = "rate-limits";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Fault(limits) is { } fault ? HealthCheckResult.Unhealthy(fault) : HealthCheckResult.Healthy());

    /// <summary>Why requests are not counted, and what becomes of them; null where all is well.</summary>
    public static string? Fault(RateLimiting limits) => limits.Store?.Fault is not { } fault ? null
        : $"Requests are {(limits.Options.WhenAway == WhenAway.Open ? "let through uncounted" : "refused")}: {fault}";
}
