using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Access;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Http;

/// <summary>authorization.k8s.io/v1 SelfSubjectAccessReview: what RBAC says of who asks.</summary>
internal sealed class AccessReviews(RoleAuthorizer authorizer)
{
    public const string Path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

    public async Task ServeAsync(HttpContext context)
    {
        var review = await RequestBody.ReadObjectAsync(context);
        var asked = review.MapAt("spec", "resourceAttributes");
        var allowed = asked is null || authorizer.IsAllowed(context.User(), RequestOf(asked));
        review["status"] = new JsonObject { ["allowed"] = allowed };
        await ApiResponse.WriteAsync(context, 201, review);
    }

    private static AccessRequest RequestOf(JsonObject asked)
    {
        var (resource, subresource) = (asked.TextAt("resource") ?? "*", asked.TextAt("subresource"));
        return new AccessRequest(
            asked.TextAt("verb") ?? "*",
            asked.TextAt("group") ?? "",
            string.IsNullOrEmpty(subresource) ? resource : $"{resource}/{subresource}",
            asked.TextAt("namespace") is { Length: > 0 } name ? name : null,
            asked.TextAt("name"));
    }
}
