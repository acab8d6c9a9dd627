using System.Text.Json.Nodes;

namespace K8sQueue.LocalCluster.Http;

/// <summary>authorization.k8s.io/v1 SelfSubjectAccessReview: who has the token may do everything. RBAC is stored, not enforced.</summary>
internal static class AccessReviews
{
    public const string Path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

    public static async Task ServeAsync(HttpContext context)
    {
        var review = await RequestBody.ReadObjectAsync(context);
        review["status"] = new JsonObject { ["allowed"] = true, ["reason"] = "LocalCluster does not enforce RBAC" };
        await ApiResponse.WriteAsync(context, 201, review);
    }
}
