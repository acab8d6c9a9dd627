using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Schema;
using K8sQueue.LocalCluster.Tables;

namespace K8sQueue.LocalCluster.Resources;

/// <summary>Where a scale subresource finds its fields, as paths of names.</summary>
internal sealed record ScalePaths(string[] SpecReplicas, string[] StatusReplicas, string[]? Selector);

/// <summary>One served version of a resource.</summary>
internal sealed record ResourceVersion(string Name, StructuralSchema Schema, IReadOnlyList<TableColumn> Columns)
{
    public bool HasStatus { get; init; }

    public ScalePaths? Scale { get; init; }

    /// <summary>Dotted paths that a field selector may name, beyond those of metadata.</summary>
    public IReadOnlyList<string> SelectableFields { get; init; } = [];

    public string? DeprecationWarning { get; init; }

    /// <summary>The schema as the definition spells it, for /openapi/v3; null for built-in kinds.</summary>
    public JsonObject? Published { get; init; }
}

/// <summary>A kind that the server knows, built in or by a CustomResourceDefinition.</summary>
internal sealed record ResourceType(GroupResource Resource, string Kind)
{
    public string Singular { get; init; } = Kind.ToLowerInvariant();

    public string ListKind { get; init; } = Kind + "List";

    public IReadOnlyList<string> ShortNames { get; init; } = [];

    public IReadOnlyList<string> Categories { get; init; } = [];

    public bool Namespaced { get; init; } = true;

    /// <summary>Preferred first.</summary>
    public required IReadOnlyList<ResourceVersion> Versions { get; init; }

    public required string StorageVersion { get; init; }

    public required IResourceStrategy Strategy { get; init; }

    public bool IsCustom { get; init; }

    /// <summary>Whether metadata.generation counts the changes of the spec.</summary>
    public bool HasGeneration { get; init; }

    /// <summary>Subresources beyond status and scale, with the kind that they speak, for discovery.</summary>
    public IReadOnlyList<(string Name, string Kind, string[] Verbs)> Extra { get; init; } = [];

    /// <summary>Where the objects are kept: another resource's, where this one is a view.</summary>
    public GroupResource StoredAs { get; init; } = Resource;

    public IObjectConversion Conversion { get; init; } = VersionConversion.Instance;

    public ResourceVersion? Version(string name) => Versions.FirstOrDefault(v => v.Name == name);

    public ResourceEndpoint At(string version) => new(this, Version(version)!);

    public ResourceEndpoint Preferred => new(this, Versions[0]);
}

/// <summary>A resource in one of its versions: what a URL names.</summary>
internal sealed record ResourceEndpoint(ResourceType Type, ResourceVersion Version)
{
    public string ApiVersion => Type.Resource.Group.Length == 0 ? Version.Name : $"{Type.Resource.Group}/{Version.Name}";

    public JsonObject FromStorage(JsonObject stored) => Type.Conversion.FromStorage(stored, this);

    public JsonObject ToStorage(JsonObject value) => Type.Conversion.ToStorage(value, this);
}

/// <summary>Between the served and the stored form. Neither direction changes its argument; either may return it.</summary>
internal interface IObjectConversion
{
    bool IsIdentity(JsonObject stored, ResourceEndpoint endpoint);

    JsonObject FromStorage(JsonObject stored, ResourceEndpoint endpoint);

    JsonObject ToStorage(JsonObject value, ResourceEndpoint endpoint);
}

/// <summary>Only apiVersion differs.</summary>
internal sealed class VersionConversion : IObjectConversion
{
    public static readonly VersionConversion Instance = new();

    public bool IsIdentity(JsonObject stored, ResourceEndpoint endpoint) =>
        Objects.JsonTree.TextAt(stored, "apiVersion") == endpoint.ApiVersion;

    public JsonObject FromStorage(JsonObject stored, ResourceEndpoint endpoint) => Rename(stored, endpoint.ApiVersion);

    public JsonObject ToStorage(JsonObject value, ResourceEndpoint endpoint) =>
        Rename(value, endpoint.Type.At(endpoint.Type.StorageVersion).ApiVersion);

    private static JsonObject Rename(JsonObject value, string apiVersion)
    {
        if (Objects.JsonTree.TextAt(value, "apiVersion") == apiVersion)
            return value;
        var copy = Objects.JsonTree.Copy(value);
        copy["apiVersion"] = apiVersion;
        return copy;
    }
}
