using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Storage;

namespace K8sQueue.LocalCluster.Operations;

/// <summary>Nothing is created in a namespace that isn't there, or that is going.</summary>
internal sealed class NamespaceGuard(ObjectStore store)
{
    /// <exception cref="ClusterApiException">NotFound or Forbidden.</exception>
    public void EnsureOpen(ResourceEndpoint endpoint, string? @namespace)
    {
        if (!endpoint.Type.Namespaced)
            return;
        var found = store.Get(GroupResource.Namespaces, ObjectKey.Of(null, @namespace!))
            ?? throw ApiErrors.NotFound(GroupResource.Namespaces, @namespace!);
        if (found.Value.IsDeleting())
        {
            throw ApiErrors.Forbidden(endpoint.Type.Resource, "",
                $"unable to create new content in namespace {@namespace} because it is being terminated");
        }
    }
}
