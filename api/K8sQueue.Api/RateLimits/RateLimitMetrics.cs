using System.Diagnostics.Metrics;
using K8sQueue.Api.Telemetry;

namespace K8sQueue.Api.RateLimits;

/// <summary>Requests that limits held up, and those that nobody counted. What was admitted is what the server's own metrics count.</summary>
internal sealed class RateLimitMetrics
{
    private readonly Counter<long> _requests;

    public RateLimitMetrics(IMeterFactory meters, RateLimiting limits)
    {
        var meter = meters.Create(QueueMetrics.MeterName);
        _requests = meter.CreateCounter<long>(
            "k8squeue.rate_limit.requests", "{request}", "Requests that a rate limit refused (refused), or let through (uncounted) or refused (unavailable) since the cache was away.");
        if (limits.Store is { } store)
        {
            meter.CreateObservableGauge(
                "k8squeue.rate_limit.cache_up", () => store.IsAway ? 0 : 1, description: "1 while the cache leases tokens of rate limits, else 0.");
        }
    }

    public void Add(BucketName bucket, VerdictKind verdict) => _requests.Add(1, new("policy", bucket.Policy), new("verdict", Name(verdict)));

    private static string Name(VerdictKind verdict) => verdict switch
    {
        VerdictKind.Refused => "refused",
        VerdictKind.Uncounted => "uncounted",
        VerdictKind.Unavailable => "unavailable",
        _ => "admitted",
    };
}
