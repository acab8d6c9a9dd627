using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Kubernetes.Informers;

/// <inheritdoc cref="IResourceStore{T}"/>
internal sealed class ResourceStore<T> : IResourceStore<T>
    where T : class, IKubernetesObject
{
    private readonly Lock _gate = new();
    private readonly Dictionary<NamespacedName, T> _objects = [];
    private readonly Dictionary<string, Dictionary<string, T>> _namespaces = [];
    private readonly Dictionary<string, Index> _indexes = [];

    public T? Get(NamespacedName key)
    {
        lock (_gate)
            return _objects.GetValueOrDefault(key);
    }

    public IReadOnlyList<T> List(string? @namespace = null)
    {
        lock (_gate)
        {
            if (@namespace is null)
                return [.. _objects.Values];
            return _namespaces.TryGetValue(@namespace, out var objects) ? [.. objects.Values] : [];
        }
    }

    public IReadOnlyList<T> ByIndex(string index, string value)
    {
        lock (_gate)
        {
            if (!_indexes.TryGetValue(index, out var found))
                throw new ArgumentException($"There is no index '{index}' of {typeof(T).Name}.", nameof(index));
            return found.Keys.TryGetValue(value, out var keys) ? [.. keys.Select(k => _objects[k])] : [];
        }
    }

    public void AddIndex(string name, Func<T, IEnumerable<string>> values)
    {
        lock (_gate)
        {
            var index = new Index(values);
            if (!_indexes.TryAdd(name, index))
                return;
            foreach (var (key, value) in _objects)
                index.Add(key, value);
        }
    }

    /// <summary>Puts the object in; returns the one it takes the place of.</summary>
    public T? Set(NamespacedName key, T value)
    {
        lock (_gate)
        {
            var old = _objects.GetValueOrDefault(key);
            foreach (var index in _indexes.Values)
            {
                if (old is not null)
                    index.Remove(key, old);
                index.Add(key, value);
            }

            _objects[key] = value;
            if (!_namespaces.TryGetValue(key.Namespace, out var objects))
                _namespaces[key.Namespace] = objects = [];
            objects[key.Name] = value;
            return old;
        }
    }

    /// <summary>Takes the object out; null where there was none.</summary>
    public T? Remove(NamespacedName key)
    {
        lock (_gate)
        {
            if (!_objects.Remove(key, out var old))
                return null;
            foreach (var index in _indexes.Values)
                index.Remove(key, old);
            if (_namespaces[key.Namespace] is var objects && objects.Remove(key.Name) && objects.Count == 0)
                _namespaces.Remove(key.Namespace);
            return old;
        }
    }

    private sealed class Index(Func<T, IEnumerable<string>> values)
    {
        public Dictionary<string, HashSet<NamespacedName>> Keys { get; } = [];

        public void Add(NamespacedName key, T value)
        {
            foreach (var text in values(value))
            {
                if (!Keys.TryGetValue(text, out var keys))
                    Keys[text] = keys = [];
                keys.Add(key);
            }
        }

        public void Remove(NamespacedName key, T value)
        {
            foreach (var text in values(value))
            {
                if (Keys.TryGetValue(text, out var keys) && keys.Remove(key) && keys.Count == 0)
                    Keys.Remove(text);
            }
        }
    }
}
