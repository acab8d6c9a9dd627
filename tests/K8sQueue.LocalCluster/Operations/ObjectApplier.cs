using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Apply;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Schema;
using K8sQueue.LocalCluster.Storage;

namespace K8sQueue.LocalCluster.Operations;

/// <summary>Server-side apply: a manager states the fields that it wants, and owns them.</summary>
internal sealed class ObjectApplier(ObjectReader reader, ObjectCreator creator, ObjectUpdater updater)
{
    /// <returns>The object, and whether it is new.</returns>
    /// <exception cref="ClusterApiException">Any refusal; Conflict where others own fields that would change, unless forced.</exception>
    public (JsonObject Value, bool Created) Apply(
        ResourceEndpoint endpoint, string? @namespace, string name, JsonObject configuration, WriteOptions options)
    {
        if (configuration.ListAt("metadata", "managedFields") is { Count: > 0 })
            throw ApiErrors.BadRequest("metadata.managedFields must be nil");
        if (configuration.TextAt("kind") is null || configuration.TextAt("apiVersion") is null)
            throw ApiErrors.BadRequest("apiVersion and kind must be set in an applied configuration");
        Address.Claim(endpoint, @namespace, name, configuration);
        EnsureDeclared(endpoint, configuration);
        var fields = FieldManager.Ownable(
            TypedValue.ToFieldSet(endpoint.Version.Schema, configuration), endpoint, options.Subresource);
        var owner = new FieldOwner(options.Manager, "Apply", options.Subresource) { Applied = fields };
        while (true)
        {
            if (reader.Find(endpoint, @namespace, name) is { } stored)
            {
                if (Write(endpoint, stored, configuration, owner, options) is { } written)
                    return (written, false);
            }
            else if (TryCreate(endpoint, @namespace, name, configuration, owner, options) is { } created)
            {
                return (created, true);
            }
        }
    }

    private JsonObject? TryCreate(
        ResourceEndpoint endpoint, string? @namespace, string name, JsonObject configuration, FieldOwner owner, WriteOptions options)
    {
        if (options.Subresource is not null)
            throw ApiErrors.NotFound(endpoint.Type.Resource, name);
        if (configuration.Uid() is { Length: > 0 } uid)
        {
            throw ApiErrors.Conflict(endpoint.Type.Resource, name,
                $"uid mismatch: the provided object specified uid {uid}, and no existing object was found");
        }

        if (configuration.ResourceVersion().Length > 0)
            throw ApiErrors.NotFound(endpoint.Type.Resource, name);
        try
        {
            return creator.Create(endpoint, @namespace, configuration.Copy(), options, owner with { Others = [] });
        }
        catch (ClusterApiException e) when (e.Reason == "AlreadyExists")
        {
            return null;
        }
    }

    private JsonObject? Write(
        ResourceEndpoint endpoint, StoredObject stored, JsonObject configuration, FieldOwner owner, WriteOptions options)
    {
        var schema = endpoint.Version.Schema;
        var live = endpoint.FromStorage(stored.Value);
        var entries = ManagedEntry.Read(live);
        var last = entries.Find(e => e.IsOf(owner))?.Fields ?? FieldSet.Empty;
        var others = entries.Where(e => !e.IsOf(owner)).ToList();
        var merged = (JsonObject)TypedMerge.Merge(schema, live, configuration)!;
        var kept = others.Aggregate(owner.Applied!, (set, entry) => set.Union(entry.Fields));
        TypedMerge.Remove(schema, merged, last.Except(owner.Applied!), kept);

        var difference = TypedValue.Compare(schema, live, merged);
        var changed = FieldManager.Ownable(difference.Added.Union(difference.Modified), endpoint, options.Subresource);
        var removed = FieldManager.Ownable(difference.Removed, endpoint, options.Subresource);
        var conflicts = others.Select(e => (Entry: e, Fields: e.Fields.Intersect(changed))).Where(c => !c.Fields.IsEmpty).ToList();
        if (conflicts.Count > 0 && !options.Force)
            throw ApplyConflicts.Error(conflicts);
        var rest = others.Select(e => e with { Fields = e.Fields.Except(changed).ExceptTrees(removed) });
        return updater.TryWrite(endpoint, stored, merged, options, owner with { Others = [.. rest] });
    }

    /// <summary>An applied field that the schema does not have is an error whatever the validation asked for.</summary>
    private static void EnsureDeclared(ResourceEndpoint endpoint, JsonObject configuration)
    {
        var unknown = Pruner.Prune(endpoint.Version.Schema, configuration.Copy());
        var mismatch = TypeChecker.FirstMismatch(endpoint.Version.Schema, configuration);
        if (unknown.Count == 0 && mismatch is null)
            return;
        var why = unknown.Count > 0 ? $".{unknown[0]}: field not declared in schema" : mismatch;
        var where = $"{configuration.Namespace()}/{configuration.Name()}";
        throw new ClusterApiException(500, "",
            $"failed to create typed patch object ({where}; {endpoint.ApiVersion}, Kind={endpoint.Type.Kind}): {why}");
    }
}
