using K8sQueue.LocalCluster.Access;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Resources;

namespace K8sQueue.LocalCluster.Http;

/// <summary>Routes resource requests by verb and subresource.</summary>
internal sealed class ResourceDispatcher(
    ResourceCatalog catalog, RoleAuthorizer authorizer, ObjectHandlers objects, CollectionHandlers collections, WatchHandler watches,
    PodSubresources pods, ServiceAccountTokens tokens)
{
    /// <exception cref="ClusterApiException">Any refusal.</exception>
    public Task DispatchAsync(HttpContext context, RequestPath path)
    {
        var access = AccessRequest.Of(context.Request, path);
        if (!authorizer.IsAllowed(context.User(), access))
            throw access.Refusal(context.User());
        var endpoint = catalog.Find(path.Group, path.Version, path.Plural) ?? throw ApiErrors.NoSuchPath();
        if (endpoint.Version.DeprecationWarning is { } warning)
            ApiResponse.Warn(context, [warning]);
        if (!endpoint.Type.Namespaced && path.Namespace is not null)
            throw ApiErrors.NoSuchPath();
        if (endpoint.Type.Namespaced && path.Namespace is null && (path.Name is not null || HttpMethods.IsPost(context.Request.Method)))
            throw path.Name is null ? ApiErrors.MethodNotAllowed() : ApiErrors.NoSuchPath();
        if (path.Subresource is { } subresource && !IsServed(endpoint, subresource))
            throw ApiErrors.NoSuchPath();
        return path.Name is null ? CollectionAsync(context, endpoint, path) : ObjectAsync(context, endpoint, path);
    }

    private static bool IsServed(ResourceEndpoint endpoint, string subresource) => subresource switch
    {
        "status" => endpoint.Version.HasStatus,
        "scale" => endpoint.Version.Scale is not null,
        _ => endpoint.Type.Extra.Any(e => e.Name == subresource),
    };

    private Task CollectionAsync(HttpContext context, ResourceEndpoint endpoint, RequestPath path) => context.Request.Method switch
    {
        "GET" when RequestOptions.Flag(context.Request, "watch") => watches.WatchAsync(context, endpoint, path),
        "GET" => collections.ListAsync(context, endpoint, path),
        "POST" => objects.CreateAsync(context, endpoint, path),
        "DELETE" => collections.DeleteAsync(context, endpoint, path),
        _ => throw ApiErrors.MethodNotAllowed(),
    };

    private Task ObjectAsync(HttpContext context, ResourceEndpoint endpoint, RequestPath path) => (context.Request.Method, path.Subresource) switch
    {
        ("GET", "log") => pods.LogAsync(context, path),
        ("POST", "eviction") => pods.EvictAsync(context, path),
        ("POST", "token") => tokens.CreateAsync(context, path),
        (_, "log" or "eviction" or "token") => throw ApiErrors.MethodNotAllowed(),
        ("PUT", "finalize") => pods.FinalizeAsync(context, path),
        (_, "finalize") => throw ApiErrors.MethodNotAllowed(),
        ("GET", null) when RequestOptions.Flag(context.Request, "watch") => watches.WatchAsync(context, endpoint, path),
        ("GET", _) => objects.GetAsync(context, endpoint, path),
        ("PUT", _) => objects.UpdateAsync(context, endpoint, path),
        ("PATCH", _) => objects.PatchAsync(context, endpoint, path),
        ("DELETE", null) => objects.DeleteAsync(context, endpoint, path),
        _ => throw ApiErrors.MethodNotAllowed(),
    };
}
