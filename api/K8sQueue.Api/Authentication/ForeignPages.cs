using K8sQueue.Api.Dashboard.Login;
using K8sQueue.Api.Problems;

namespace K8sQueue.Api.Authentication;

/// <summary>
/// While nobody shows a key, any page that somebody looks at could have his browser send requests here. Those of other pages that would change something are refused; programs,
/// which are no browsers, say nothing of where they come from.
/// </summary>
internal static class ForeignPages
{
    public static IApplicationBuilder UseForeignPages(this WebApplication app) => !app.Services.GetRequiredService<ApiKeyRing>().IsAnonymous
        ? app
        : app.Use(static (context, next) => IsRefused(context.Request)
            ? new Problem(ProblemTypes.Forbidden, "The request was sent from a page of another site. While keys are not asked for, only this one's own pages may change something.")
                .ExecuteAsync(context)
            : next(context));

    /// <summary>Whether a browser says that a request comes from a page of another site, and it would change something.</summary>
    public static bool IsRefused(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method))
            return false;
        var site = request.Headers["Sec-Fetch-Site"];
        return (site.Count > 0 || request.Headers.Origin.Count > 0) && site != "none" && !SameOrigin.Allows(request);
    }
}
