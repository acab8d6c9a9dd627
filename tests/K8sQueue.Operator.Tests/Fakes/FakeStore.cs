using K8sQueue.Kubernetes.Informers;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Tests.Fakes;

/// <summary>A cache that is always up to date, or, frozen, not.</summary>
internal sealed class FakeStore<T>(FakeCluster cluster, string? selector = null, Func<T, T>? transform = null) : IResourceStore<T>
    where T : class, IKubernetesObject
{
    private readonly Dictionary<string, Func<T, IEnumerable<string>>> _indexes = [];
    private IReadOnlyList<T>? _frozen;

    /// <summary>From now on the cache hears of nothing.</summary>
    public void Freeze() => _frozen = All();

    public void Thaw() => _frozen = null;

    public T? Get(NamespacedName key) => All().FirstOrDefault(value => value.Key() == key);

    public IReadOnlyList<T> List(string? @namespace = null) => [.. All().Where(value => @namespace is null || value.Metadata.Namespace == @namespace)];

    public IReadOnlyList<T> ByIndex(string index, string value) => [.. All().Where(item => _indexes[index](item).Contains(value))];

    public void AddIndex(string name, Func<T, IEnumerable<string>> values) => _indexes[name] = values;

    private IReadOnlyList<T> All() =>
        _frozen ?? (cluster.Unserved.Contains(ResourceType<T>.Plural) ? [] : Kept(cluster.List<T>(null, selector)));

    private IReadOnlyList<T> Kept(IReadOnlyList<T> all) => transform is null ? all : [.. all.Select(transform)];
}
