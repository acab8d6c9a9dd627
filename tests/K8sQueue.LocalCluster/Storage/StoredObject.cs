using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Storage;

/// <summary>One revision of an object. The tree is never changed once it is here; copy it before changing anything.</summary>
internal sealed class StoredObject(GroupResource resource, JsonObject value, long version)
{
    private readonly Lazy<byte[]> _utf8 = new(value.Utf8, LazyThreadSafetyMode.PublicationOnly);

    public GroupResource Resource { get; } = resource;

    public JsonObject Value { get; } = value;

    /// <summary>How many nodes the tree has.</summary>
    public int Nodes { get; } = value.Freeze();

    public long Version { get; } = version;

    public string? Namespace { get; } = value.Namespace();

    public string Name { get; } = value.Name();

    /// <summary>The serialised form, made once however many watchers read it.</summary>
    public byte[] Utf8 => _utf8.Value;
}

/// <summary>Where an object is stored: sorts by namespace, then name.</summary>
internal readonly record struct ObjectKey(string Namespace, string Name) : IComparable<ObjectKey>
{
    public static ObjectKey Of(string? @namespace, string name) => new(@namespace ?? "", name);

    public int CompareTo(ObjectKey other)
    {
        var order = string.CompareOrdinal(Namespace, other.Namespace);
        return order != 0 ? order : string.CompareOrdinal(Name, other.Name);
    }
}

internal enum StoreEventType
{
    Added,
    Modified,
    Deleted,
}

/// <summary>A change in the order of versions. For Deleted, the object is the last one, with the version of the deletion.</summary>
internal sealed record StoreEvent(StoreEventType Type, StoredObject Object, StoredObject? Previous);
