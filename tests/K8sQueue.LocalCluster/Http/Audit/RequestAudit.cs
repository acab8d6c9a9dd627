using K8sQueue.LocalCluster.Access;

namespace K8sQueue.LocalCluster.Http.Audit;

/// <summary>Writes every request down just before its answer goes out: a watch when it begins, all others when they are done.</summary>
internal sealed class RequestAudit(RequestDelegate next, AuditLog log, TimeProvider time)
{
    private static readonly object CreatedNameKey = new();

    public Task InvokeAsync(HttpContext context)
    {
        var received = time.GetUtcNow();
        var path = RequestPath.Parse(context.Request.Path.Value ?? "");
        var verb = VerbOf(context.Request, path);
        context.Response.OnStarting(() =>
        {
            Write(context, path, verb, received);
            return Task.CompletedTask;
        });
        return next(context);
    }

    /// <summary>The URL of a POST does not name what it creates.</summary>
    public static void Created(HttpContext context, string name) => context.Items[CreatedNameKey] = name;

    /// <summary>The verb as RBAC and the real server's audit log name it.</summary>
    public static string VerbOf(HttpRequest request, RequestPath? path)
    {
        var isCollection = path?.Name is null;
        return request.Method switch
        {
            _ when path is null => request.Method.ToLowerInvariant(),
            "GET" when RequestOptions.Flag(request, "watch") => "watch",
            "GET" => isCollection ? "list" : "get",
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            "DELETE" => isCollection ? "deletecollection" : "delete",
            _ => request.Method.ToLowerInvariant(),
        };
    }

    private void Write(HttpContext context, RequestPath? path, string verb, DateTimeOffset received) => log.Write(new AuditEvent
    {
        Id = Guid.NewGuid(),
        Stage = verb == "watch" ? "ResponseStarted" : "ResponseComplete",
        Uri = context.Request.Path + context.Request.QueryString,
        Verb = verb,
        User = context.Features.Get<ClusterUser>()?.Name ?? "system:anonymous",
        UserAgent = context.Request.Headers.UserAgent.ToString(),
        Path = path,
        CreatedName = context.Items.TryGetValue(CreatedNameKey, out var name) ? (string?)name : null,
        Code = context.Response.StatusCode,
        Received = received,
        Written = time.GetUtcNow(),
    });
}
