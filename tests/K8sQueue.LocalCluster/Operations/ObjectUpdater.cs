using System.Globalization;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Apply;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Storage;

namespace K8sQueue.LocalCluster.Operations;

/// <summary>PUT, to the object or its status, and the second half of every patch.</summary>
internal sealed class ObjectUpdater(ObjectStore store, ObjectReader reader, ObjectPipeline pipeline, TimeProvider time)
{
    /// <summary>metadata that a writer can't change.</summary>
    private static readonly string[] Fixed =
        ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generateName", "generation", "selfLink"];

    /// <summary>PUT.</summary>
    /// <exception cref="ClusterApiException">Any refusal.</exception>
    public JsonObject Update(ResourceEndpoint endpoint, string? @namespace, string name, JsonObject value, WriteOptions options)
    {
        Address.Claim(endpoint, @namespace, name, value);
        while (true)
        {
            var stored = reader.Get(endpoint, @namespace, name);
            if (endpoint.Type.IsCustom && value.ResourceVersion().Length == 0)
            {
                throw ApiErrors.Invalid(endpoint.Type, name,
                    [Schema.FieldError.Invalid("metadata.resourceVersion", 0, "must be specified for an update")]);
            }

            if (TryWrite(endpoint, stored, value.Copy(), options) is { } written)
                return written;
        }
    }

    /// <summary>
    /// Writes a changed copy of what is stored. Null where somebody else wrote in between, and the caller did not insist on a version.
    /// </summary>
    /// <exception cref="ClusterApiException">Any refusal; Conflict where the value names another version or UID.</exception>
    public JsonObject? TryWrite(
        ResourceEndpoint endpoint, StoredObject stored, JsonObject value, WriteOptions options, FieldOwner? owner = null)
    {
        var old = endpoint.FromStorage(stored.Value);
        var name = stored.Name;
        CheckPreconditions(endpoint, old, value);
        Merge(endpoint, value, old, options);
        ObjectPipeline.Decode(endpoint, value, options);
        SetGeneration(endpoint, value, old);
        FieldManager.Record(endpoint, value, old, owner ?? FieldOwner.Update(options.Manager, options.Subresource), time);
        if (JsonNode.DeepEquals(value, old))
            return old;
        if (SameButForManagers(value, old) && owner?.Applied is null)
            return old;
        pipeline.Validate(endpoint, value, old, options);
        if (options.DryRun)
            return value;
        var isLast = IsFinallyGone(endpoint, value);
        var toStore = endpoint.ToStorage(value);
        var written = isLast ? store.TryRemove(stored, toStore) : store.TryReplace(stored, toStore);
        return written is null ? null : endpoint.FromStorage(written.Value);
    }

    /// <summary>An object marked as deleted goes with its last finalizer; a pod also needs its kubelet's word (grace 0).</summary>
    public static bool IsFinallyGone(ResourceEndpoint endpoint, JsonObject value) =>
        value.IsDeleting() && value.Finalizers().Count == 0
        && (value.NumberAt("metadata", "deletionGracePeriodSeconds") ?? 0) == 0
        && (endpoint.Type.Resource != GroupResource.Namespaces || value.ListAt("spec", "finalizers") is not { Count: > 0 });

    private static void CheckPreconditions(ResourceEndpoint endpoint, JsonObject old, JsonObject value)
    {
        var (name, resource) = (old.Name(), endpoint.Type.Resource);
        if (value.Uid() is { Length: > 0 } uid && uid != old.Uid())
            throw ApiErrors.Precondition(resource, name, "UID", uid, old.Uid());
        if (value.ResourceVersion() is { Length: > 0 } version and not "0" && version != old.ResourceVersion())
        {
            if (!ulong.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                throw ApiErrors.Invalid(endpoint.Type, name,
                    [Schema.FieldError.Invalid("metadata.resourceVersion", version, "must be an unsigned integer")]);
            }

            throw ApiErrors.Modified(resource, name);
        }
    }

    /// <summary>Keeps from the old object what this way of writing can't change.</summary>
    private static void Merge(ResourceEndpoint endpoint, JsonObject value, JsonObject old, WriteOptions options)
    {
        if (options.Subresource == "status")
        {
            var status = value["status"]?.DeepClone();
            foreach (var member in value.Select(m => m.Key).ToList())
                value.Remove(member);
            foreach (var (member, node) in old)
                value[member] = node?.DeepClone();
            value.Remove("status");
            if (status is not null)
                value["status"] = status;
            return;
        }

        var metadata = value.Metadata();
        foreach (var member in Fixed)
        {
            metadata.Remove(member);
            if (old.At("metadata", member) is { } kept)
                metadata[member] = kept.DeepClone();
        }

        metadata["resourceVersion"] = old.ResourceVersion();
        if (endpoint.Version.HasStatus)
        {
            value.Remove("status");
            if (old["status"] is { } status)
                value["status"] = status.DeepClone();
        }

        if (options.Subresource != "finalize")
            endpoint.Type.Strategy.PrepareForUpdate(value, old);
    }

    private static void SetGeneration(ResourceEndpoint endpoint, JsonObject value, JsonObject old)
    {
        if (!endpoint.Type.HasGeneration)
            return;
        var same = old.Concat(value).Select(m => m.Key).Distinct()
            .Where(m => m != "metadata" && !(m == "status" && endpoint.Version.HasStatus))
            .All(m => JsonNode.DeepEquals(value[m], old[m]));
        if (!same)
            value.Metadata()["generation"] = (old.NumberAt("metadata", "generation") ?? 0) + 1;
    }

    private static bool SameButForManagers(JsonObject value, JsonObject old) =>
        value.Count == old.Count
        && value.All(m => m.Key == "metadata" || (old.TryGetPropertyValue(m.Key, out var node) && JsonNode.DeepEquals(m.Value, node)))
        && value.MapAt("metadata")!.Where(m => m.Key != "managedFields").All(m => JsonNode.DeepEquals(m.Value, old.At("metadata", m.Key)))
        && old.MapAt("metadata")!.All(m => m.Key == "managedFields" || value.MapAt("metadata")!.ContainsKey(m.Key));
}
