using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Http;
using K8sQueue.LocalCluster.Http.Audit;

namespace K8sQueue.LocalCluster.Access;

/// <summary>What a request asks to do, in RBAC's words.</summary>
/// <param name="Resource">The plural, and after a slash the subresource.</param>
internal sealed record AccessRequest(string Verb, string Group, string Resource, string? Namespace, string? Name)
{
    public static AccessRequest Of(HttpRequest request, RequestPath path) => new(
        RequestAudit.VerbOf(request, path),
        path.Group,
        path.Subresource is null ? path.Plural : $"{path.Plural}/{path.Subresource}",
        path.Namespace,
        path.Name);

    public ClusterApiException Refusal(ClusterUser user) =>
        new(403, "Forbidden",
            $"{ApiErrors.Qualified(new GroupResource(Group, Resource.Split('/')[0]))}{(Name is null ? "" : $" \"{Name}\"")} is forbidden: "
            + $"User \"{user.Name}\" cannot {Verb} resource \"{Resource}\" in API group \"{Group}\" "
            + (Namespace is null ? "at the cluster scope" : $"in the namespace \"{Namespace}\""));
}
