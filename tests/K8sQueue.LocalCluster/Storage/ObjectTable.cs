using System.Collections.Immutable;

namespace K8sQueue.LocalCluster.Storage;

/// <summary>
/// The objects of one resource, by namespace and name. Immutable. One namespace is found without a look at the others: controllers list
/// theirs at every change.
/// </summary>
internal sealed class ObjectTable
{
    public static readonly ObjectTable Empty = new(ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<string, StoredObject>>(StringComparer.Ordinal));

    private static readonly ImmutableSortedDictionary<string, StoredObject> Nothing =
        ImmutableSortedDictionary.Create<string, StoredObject>(StringComparer.Ordinal);

    private readonly ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, StoredObject>> _namespaces;

    private ObjectTable(ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, StoredObject>> namespaces) => _namespaces = namespaces;

    public bool IsEmpty => _namespaces.IsEmpty;

    /// <summary>By namespace, then name.</summary>
    public IEnumerable<StoredObject> Values => _namespaces.Values.SelectMany(objects => objects.Values);

    /// <summary>Those of one namespace, by name; all where none is given.</summary>
    public IEnumerable<StoredObject> In(string? @namespace) =>
        string.IsNullOrEmpty(@namespace) ? Values : _namespaces.GetValueOrDefault(@namespace, Nothing).Values;

    public StoredObject? Get(ObjectKey key) => _namespaces.GetValueOrDefault(key.Namespace, Nothing).GetValueOrDefault(key.Name);

    public ObjectTable With(ObjectKey key, StoredObject value) =>
        new(_namespaces.SetItem(key.Namespace, _namespaces.GetValueOrDefault(key.Namespace, Nothing).SetItem(key.Name, value)));

    public ObjectTable Without(ObjectKey key)
    {
        var rest = _namespaces.GetValueOrDefault(key.Namespace, Nothing).Remove(key.Name);
        return new(rest.IsEmpty ? _namespaces.Remove(key.Namespace) : _namespaces.SetItem(key.Namespace, rest));
    }
}
