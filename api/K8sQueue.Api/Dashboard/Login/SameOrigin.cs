using K8sQueue.Api.Problems;

namespace K8sQueue.Api.Dashboard.Login;

/// <summary>
/// Lets forms be sent from the dashboard's own pages only. Browsers say where a request comes from in <c>Sec-Fetch-Site</c>, which pages
/// can't set (https://www.w3.org/TR/fetch-metadata/); over plain http, where most don't send it, in <c>Origin</c>.
/// </summary>
internal static class SameOrigin
{
    public static bool Allows(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"];
        if (site.Count > 0)
            return site == "same-origin";
        return Uri.TryCreate(request.Headers.Origin.ToString(), UriKind.Absolute, out var origin)
            && origin.Scheme is "http" or "https"
            && Uri.TryCreate($"{origin.Scheme}://{request.Host.Value}", UriKind.Absolute, out var own)
            && origin.Authority.Equals(own.Authority, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Refuses what changes something, where it comes from elsewhere.</summary>
    public static ValueTask<object?> FilterAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        return HttpMethods.IsGet(request.Method) || Allows(request)
            ? next(context)
            : throw new ProblemException(new Problem(ProblemTypes.Forbidden, "The form was not sent from the dashboard's own pages."));
    }
}
