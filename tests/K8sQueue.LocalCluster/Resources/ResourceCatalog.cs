using System.Collections.Concurrent;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Storage;

namespace K8sQueue.LocalCluster.Resources;

/// <summary>
/// What is served: the built-in kinds, and those of the stored definitions, which are read when they are asked for, so that the catalog
/// is never behind the store.
/// </summary>
internal sealed class ResourceCatalog(ObjectStore store, IReadOnlyList<ResourceType> builtIns)
{
    private readonly Dictionary<GroupResource, ResourceType> _builtIns = builtIns.ToDictionary(b => b.Resource);
    private readonly ConcurrentDictionary<string, (StoredObject Definition, ResourceType Type)> _custom = new(StringComparer.Ordinal);

    /// <summary>Built-in kinds in their order, then custom ones by name.</summary>
    public IReadOnlyList<ResourceType> All =>
        [.. builtIns, .. store.Snapshot(GroupResource.CustomResourceDefinitions).Objects.Values.Select(TypeOf)];

    public ResourceType? Find(GroupResource resource)
    {
        if (_builtIns.TryGetValue(resource, out var builtIn))
            return builtIn;
        var definition = store.Get(GroupResource.CustomResourceDefinitions, ObjectKey.Of(null, $"{resource.Plural}.{resource.Group}"));
        return definition is null ? null : TypeOf(definition);
    }

    /// <summary>By group, version and plural; null where it isn't served.</summary>
    public ResourceEndpoint? Find(string group, string version, string plural) =>
        Find(new GroupResource(group, plural)) is { } type && type.Version(version) is { } served ? new ResourceEndpoint(type, served) : null;

    /// <exception cref="ClusterApiException">NotFound.</exception>
    public ResourceEndpoint Need(GroupResource resource) => (Find(resource) ?? throw ApiErrors.NoSuchPath()).Preferred;

    private ResourceType TypeOf(StoredObject definition)
    {
        if (_custom.TryGetValue(definition.Name, out var known) && known.Definition.Value.At("spec") is { } spec
            && (ReferenceEquals(known.Definition, definition) || System.Text.Json.Nodes.JsonNode.DeepEquals(spec, definition.Value.At("spec"))))
            return known.Type;
        var type = CustomResourceTypes.Read(definition.Value);
        _custom[definition.Name] = (definition, type);
        return type;
    }
}
