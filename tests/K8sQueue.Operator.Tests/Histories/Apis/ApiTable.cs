using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Tests.Histories.Apis;

/// <summary>What became of an object: null before for a new one, null after for one that went.</summary>
internal readonly record struct ApiChange<T>(T? Before, T? After);

/// <summary>The objects of one kind, and everything that ever happened to them, for those who watch.</summary>
internal sealed class ApiTable<T>(Api api)
    where T : class, IKubernetesObject
{
    private readonly SortedDictionary<string, T> _objects = new(StringComparer.Ordinal);
    private List<T>? _all;

    public List<ApiChange<T>> Changes { get; } = [];

    public IReadOnlyList<T> All => _all ??= [.. _objects.Values];

    public T? Get(string name) => _objects.GetValueOrDefault(name);

    public T Add(T value)
    {
        var metadata = value.Metadata;
        metadata.Uid = api.NextUid();
        metadata.ResourceVersion = api.NextVersion();
        metadata.Generation = 1;
        metadata.CreationTimestamp = api.Now;
        (metadata.DeletionTimestamp, metadata.DeletionGracePeriodSeconds) = (null, null);
        _objects.Add(metadata.Name!, value);
        Note(null, value);
        return value;
    }

    /// <summary>Puts the object in the place of the one of its name; one that goes and has no finalizer left goes now.</summary>
    public T Set(T value, bool isNewGeneration = false)
    {
        var before = _objects[value.Metadata.Name!];
        value.Metadata.ResourceVersion = api.NextVersion();
        if (isNewGeneration)
            value.Metadata.Generation = before.Metadata.Generation + 1;
        _objects[value.Metadata.Name!] = value;
        Note(before, value);
        if (value is not V1Pod && value.IsDeleting() && value.Metadata.Finalizers is not { Count: > 0 })
            Remove(value.Metadata.Name!);
        return value;
    }

    public void Remove(string name)
    {
        var before = _objects[name];
        api.NextVersion();
        _objects.Remove(name);
        Note(before, null);
    }

    private void Note(T? before, T? after)
    {
        _all = null;
        Changes.Add(new(before, after));
        api.Trace(after is null ? "  gone: {0} {1}" : before is null ? "  new: {0} {1}" : "  changed: {0} {1}",
            ResourceType<T>.Plural, (after ?? before)!.Metadata.Name!);
    }
}
