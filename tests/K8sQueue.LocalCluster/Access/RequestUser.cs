namespace K8sQueue.LocalCluster.Access;

/// <summary>Who sent a request.</summary>
internal static class RequestUser
{
    public static ClusterUser User(this HttpContext context) =>
        context.Features.Get<ClusterUser>() ?? throw new InvalidOperationException("The request was not authenticated.");
}
