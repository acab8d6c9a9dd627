using K8sQueue.Api.Authentication;
using K8sQueue.Api.Contracts;
using K8sQueue.Api.Health;

namespace K8sQueue.Api.Endpoints;

/// <summary>Liveness, readiness and metrics: for the cluster, without a key. Why something fails is told to keys that may read every queue.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        // Liveness is the process alone: a broker that is down must not get the API restarted.
        routes.MapGet("/healthz", () => TypedResults.Ok(new HealthDocument("ok"))).AllowAnonymous().DisableRateLimiting().ExcludeFromDescription();
        routes.MapGet("/readyz", ReadyAsync).AllowAnonymous().DisableRateLimiting().ExcludeFromDescription();
        routes.MapGet("/health", HealthAsync).AllowAnonymous().DisableRateLimiting().ExcludeFromDescription();
        routes.MapPrometheusMetrics().AllowAnonymous().DisableRateLimiting().ExcludeFromDescription();
    }

    private static async Task<IResult> HealthAsync(Dependencies dependencies, HttpContext context)
    {
        var report = HealthReportDocument.From(await dependencies.CheckAsync().WaitAsync(context.RequestAborted), MayRead(context));
        return TypedResults.Json(
            report, statusCode: report.Status == HealthReportDocument.Ok ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    // Once: all replicas share the broker, so a pod that was ready stays ready, and says itself what is down.
    private static async Task<IResult> ReadyAsync(BrokerHealth broker, HttpContext context, bool once = false)
    {
        var problem = once && broker.WasWell ? null : await broker.CheckAsync().WaitAsync(context.RequestAborted);
        if (problem is null)
            return TypedResults.Ok(new HealthDocument("ready"));
        return MayRead(context) ? problem : problem with { Detail = null };
    }

    // Reasons name addresses and settings.
    private static bool MayRead(HttpContext context) => Access.May(context.User, Verb.Read, queue: null);
}
