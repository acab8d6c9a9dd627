using System.Security.Cryptography;
using System.Text;
using K8sQueue.LocalCluster.Api;

namespace K8sQueue.LocalCluster.Http;

/// <summary>Lets requests with the cluster's bearer token through, and health checks.</summary>
internal sealed class TokenAuthentication(RequestDelegate next, ApiServerOptions options)
{
    private const string Scheme = "Bearer ";
    private readonly byte[] _token = SHA256.HashData(Encoding.UTF8.GetBytes(options.Token));

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path.Value is "/healthz" or "/readyz" or "/livez" || IsKnown(context.Request.Headers.Authorization.ToString()))
            return next(context);
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return ApiResponse.WriteAsync(context, 401, new ClusterApiException(401, "Unauthorized", "Unauthorized").ToStatus());
    }

    private bool IsKnown(string header) =>
        header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(header[Scheme.Length..].Trim())), _token);
}
