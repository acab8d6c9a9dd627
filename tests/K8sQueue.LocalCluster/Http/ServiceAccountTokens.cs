using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Access;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Http;

/// <summary>authentication.k8s.io/v1 TokenRequest (<c>kubectl create token</c>): a token that is good until the server ends.</summary>
internal sealed class ServiceAccountTokens(IClusterApi api, ClusterTokens tokens, TimeProvider time)
{
    private const long DefaultSeconds = 3600;

    public async Task CreateAsync(HttpContext context, RequestPath path)
    {
        var request = await RequestBody.ReadObjectAsync(context);
        if (api.Get(GroupResource.ServiceAccounts, path.Namespace, path.Name!) is null)
            throw ApiErrors.NotFound(GroupResource.ServiceAccounts, path.Name!);
        var seconds = request.NumberAt("spec", "expirationSeconds") ?? DefaultSeconds;
        request["status"] = new JsonObject
        {
            ["token"] = tokens.Issue(ClusterUser.ServiceAccount(path.Namespace!, path.Name!)),
            ["expirationTimestamp"] = ObjectMeta.Timestamp(time.GetUtcNow().AddSeconds(seconds)),
        };
        await ApiResponse.WriteAsync(context, 201, request);
    }
}
