using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Kubernetes.Informers;

/// <summary>The objects of a kind as last heard of. They are shared: copy one before changing it.</summary>
public interface IResourceStore<T>
    where T : class, IKubernetesObject
{
    /// <summary>The object; null where there is none.</summary>
    T? Get(NamespacedName key);

    /// <summary>All objects, or those of one namespace, in no order; a snapshot.</summary>
    IReadOnlyList<T> List(string? @namespace = null);

    /// <summary>The objects that the index of that name files under the value; a snapshot.</summary>
    /// <exception cref="ArgumentException">There is no such index.</exception>
    IReadOnlyList<T> ByIndex(string index, string value);

    /// <summary>Files every object, present and future, under the values that the function gives for it. The same name twice is the same index.</summary>
    void AddIndex(string name, Func<T, IEnumerable<string>> values);
}

/// <summary>Indexes that many need.</summary>
public static class ResourceIndexes
{
    /// <summary>The UIDs of the owners.</summary>
    public const string ByOwner = "owner-uid";

    /// <summary>Adds the index <see cref="ByOwner"/>.</summary>
    public static IResourceStore<T> IndexByOwner<T>(this IResourceStore<T> store)
        where T : class, IKubernetesObject
    {
        ArgumentNullException.ThrowIfNull(store);
        store.AddIndex(ByOwner, static value => value.Metadata.OwnerReferences?.Select(static o => o.Uid) ?? []);
        return store;
    }

    /// <summary>Adds an index, named after the label, by <c>namespace/value</c> of it.</summary>
    public static IResourceStore<T> IndexByLabel<T>(this IResourceStore<T> store, string label)
        where T : class, IKubernetesObject
    {
        ArgumentNullException.ThrowIfNull(store);
        store.AddIndex(label, value => value.Label(label) is { } text ? [$"{value.Metadata.Namespace}/{text}"] : []);
        return store;
    }

    /// <summary>What the owner with that UID owns; needs <see cref="IndexByOwner"/>.</summary>
    public static IReadOnlyList<T> OwnedBy<T>(this IResourceStore<T> store, IKubernetesObject owner)
        where T : class, IKubernetesObject
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(owner);
        return store.ByIndex(ByOwner, owner.Metadata.Uid ?? "");
    }

    /// <summary>The objects of the namespace whose label has that value; needs <see cref="IndexByLabel"/>.</summary>
    public static IReadOnlyList<T> WithLabel<T>(this IResourceStore<T> store, string label, string? @namespace, string value)
        where T : class, IKubernetesObject
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.ByIndex(label, $"{@namespace}/{value}");
    }
}
