using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Apply;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Storage;

namespace K8sQueue.LocalCluster.Operations;

/// <summary>POST, and the creating half of an apply.</summary>
internal sealed class ObjectCreator(ObjectStore store, ObjectPipeline pipeline, NamespaceGuard namespaces, TimeProvider time)
{
    private const int NameAttempts = 8;

    /// <param name="value">The object, which this call owns.</param>
    /// <returns>What is stored (in a dry run: would be), in the endpoint's version.</returns>
    /// <exception cref="ClusterApiException">Any refusal.</exception>
    public JsonObject Create(ResourceEndpoint endpoint, string? @namespace, JsonObject value, WriteOptions options, FieldOwner? owner = null)
    {
        Address.Claim(endpoint, @namespace, null, value);
        if (value.ResourceVersion() is { Length: > 0 } and not "0")
            throw ApiErrors.BadRequest("resourceVersion should not be set on objects to be created");
        namespaces.EnsureOpen(endpoint, value.Namespace());
        var generated = value.Name().Length == 0 && value.TextAt("metadata", "generateName") is { Length: > 0 };
        for (var attempt = 1; ; attempt++)
        {
            var candidate = value.Copy();
            if (generated)
                candidate.Metadata()["name"] = Names.Generate(value.TextAt("metadata", "generateName")!);
            Prepare(endpoint, candidate, options, owner);
            if (options.DryRun)
            {
                return store.Get(endpoint.Type.StoredAs, ObjectKey.Of(candidate.Namespace(), candidate.Name())) is null
                    ? candidate
                    : throw ApiErrors.AlreadyExists(endpoint.Type.Resource, candidate.Name());
            }

            if (store.TryAdd(endpoint.Type.StoredAs, endpoint.ToStorage(candidate)) is { } stored)
                return endpoint.FromStorage(stored.Value);
            if (!generated || attempt == NameAttempts)
                throw ApiErrors.AlreadyExists(endpoint.Type.Resource, candidate.Name());
        }
    }

    private void Prepare(ResourceEndpoint endpoint, JsonObject value, WriteOptions options, FieldOwner? owner)
    {
        var metadata = value.Metadata();
        foreach (var member in (string[])["resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "managedFields"])
            metadata.Remove(member);
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = ObjectMeta.Timestamp(time.GetUtcNow());
        if (endpoint.Type.HasGeneration)
            metadata["generation"] = 1;
        else
            metadata.Remove("generation");
        if (endpoint.Version.HasStatus)
            value.Remove("status");
        endpoint.Type.Strategy.PrepareForCreate(value);
        ObjectPipeline.Decode(endpoint, value, options);
        pipeline.Validate(endpoint, value, null, options);
        FieldManager.Record(endpoint, value, null, owner ?? FieldOwner.Update(options.Manager, options.Subresource), time);
    }
}
