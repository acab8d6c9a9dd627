using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Storage;

namespace K8sQueue.LocalCluster.Operations;

/// <summary>Gets, and shared look-ups of the writers.</summary>
internal sealed class ObjectReader(ObjectStore store)
{
    public StoredObject? Find(ResourceEndpoint endpoint, string? @namespace, string name) =>
        store.Get(endpoint.Type.StoredAs, ObjectKey.Of(endpoint.Type.Namespaced ? @namespace : null, name));

    /// <exception cref="ClusterApiException">NotFound.</exception>
    public StoredObject Get(ResourceEndpoint endpoint, string? @namespace, string name) =>
        Find(endpoint, @namespace, name) ?? throw ApiErrors.NotFound(endpoint.Type.Resource, name);

    /// <summary>A copy in the endpoint's version, for changing.</summary>
    public static JsonObject Copy(ResourceEndpoint endpoint, StoredObject stored)
    {
        var value = endpoint.FromStorage(stored.Value);
        return ReferenceEquals(value, stored.Value) ? (JsonObject)value.DeepClone() : value;
    }
}
