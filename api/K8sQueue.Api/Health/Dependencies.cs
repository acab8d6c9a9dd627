using K8sQueue.Api.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace K8sQueue.Api.Health;

/// <summary>
/// How everything fares that the API was told to depend on. Callers within <see cref="Freshness"/> share one look: <c>/health</c> needs no key, and a storm
/// of probes must cost the dependencies nothing.
/// </summary>
internal sealed class Dependencies(HealthCheckService checks, TimeProvider time)
{
    public const string Queue = "queue";
    public const string Cache = "cache";
    public const string Postgres = "postgresql";

    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    /// <summary>How long a dependency gets to answer.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    private readonly SharedRead<HealthReport> _report = new(() => checks.CheckHealthAsync(), Freshness, time);

    public Task<HealthReport> CheckAsync() => _report.GetAsync();
}
