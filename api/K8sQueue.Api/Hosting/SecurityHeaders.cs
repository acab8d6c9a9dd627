using K8sQueue.Api.Dashboard;
using Microsoft.Extensions.Primitives;

namespace K8sQueue.Api.Hosting;

/// <summary>
/// Headers of every answer, errors included. What the API answers is data and no page; a page of the dashboard may use the dashboard's own
/// files and nothing else. Neither is anybody's to keep but those files.
/// </summary>
internal static class SecurityHeaders
{
    private const string NoPage = "default-src 'none'; frame-ancestors 'none'";
    private const string DashboardPage =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        + "frame-ancestors 'none'";

    public static IApplicationBuilder UseSecurityHeaders(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        context.Response.OnStarting(
            static state =>
            {
                Set((HttpContext)state);
                return Task.CompletedTask;
            },
            context);
        return next(context);
    });

    private static void Set(HttpContext context)
    {
        var kind = (context.Features.Get<DashboardEndpoint>() ?? context.GetEndpoint()?.Metadata.GetMetadata<DashboardEndpoint>())?.Kind;
        var page = kind == DashboardContent.Page;
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers.ContentSecurityPolicy = page ? DashboardPage : NoPage;

        // With no-referrer browsers would send `Origin: null` with a page's own forms, which tells where they come from over plain http.
        headers["Referrer-Policy"] = page ? "same-origin" : "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (page)
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = kind == DashboardContent.Asset && context.Response.StatusCode == StatusCodes.Status200OK
            ? "public, max-age=31536000, immutable"
            : new StringValues("no-store");
    }
}
