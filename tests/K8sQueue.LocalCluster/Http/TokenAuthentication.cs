using K8sQueue.LocalCluster.Access;
using K8sQueue.LocalCluster.Api;

namespace K8sQueue.LocalCluster.Http;

/// <summary>Lets requests with a known bearer token through, and health checks.</summary>
internal sealed class TokenAuthentication(RequestDelegate next, ClusterTokens tokens)
{
    private const string Scheme = "Bearer ";

    public Task InvokeAsync(HttpContext context)
    {
        var user = UserOf(context.Request.Headers.Authorization.ToString());
        if (user is not null)
            context.Features.Set(user);
        if (user is not null || context.Request.Path.Value is "/healthz" or "/readyz" or "/livez")
            return next(context);
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return ApiResponse.WriteAsync(context, 401, new ClusterApiException(401, "Unauthorized", "Unauthorized").ToStatus());
    }

    private ClusterUser? UserOf(string header) =>
        header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? tokens.Find(header[Scheme.Length..].Trim()) : null;
}
