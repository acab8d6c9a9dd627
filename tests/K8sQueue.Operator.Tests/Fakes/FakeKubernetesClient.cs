using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Tests.Fakes;

/// <summary>A client of a <see cref="FakeCluster"/>. A hook runs before every call: it may wait, fail, or never return.</summary>
internal sealed class FakeKubernetesClient(FakeCluster cluster) : IKubernetesClient
{
    public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    public async Task<T?> GetAsync<T>(string name, string? @namespace, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        await Before($"get {ResourceType<T>.Plural}");
        return cluster.Unserved.Contains(ResourceType<T>.Plural) ? null : cluster.Get<T>(name, @namespace);
    }

    public async Task<KubernetesList<T>> ListAsync<T>(string? @namespace, ListOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        await Before($"list {ResourceType<T>.Plural}");
        options?.ResourceVersion.Should().BeEmpty("a live read is a consistent one");
        return new KubernetesList<T>(cluster.List<T>(@namespace, options?.LabelSelector), cluster.Version);
    }

    public async Task<T> CreateAsync<T>(T value, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        await Before($"create {ResourceType<T>.Plural}");
        return cluster.Create(value);
    }

    public async Task<T> ReplaceAsync<T>(T value, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        await Before($"replace {ResourceType<T>.Plural}");
        return cluster.Replace(value, statusOnly: false);
    }

    public async Task<T> ReplaceStatusAsync<T>(T value, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        await Before($"status {ResourceType<T>.Plural}");
        return cluster.Replace(value, statusOnly: true);
    }

    public async Task<T> ApplyAsync<T>(T value, string fieldManager, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        await Before($"apply {ResourceType<T>.Plural}");
        return cluster.Apply(value);
    }

    public async Task<T> PatchAsync<T>(string name, string? @namespace, KubernetesPatch patch, string? subresource, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        await Before($"patch {ResourceType<T>.Plural}");
        return cluster.Patch<T>(name, @namespace, patch);
    }

    public async Task<bool> DeleteAsync<T>(string name, string? @namespace, DeleteOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        await Before($"delete {ResourceType<T>.Plural}").WaitAsync(cancellationToken);
        return cluster.Delete<T>(name, @namespace, options?.Uid, options?.ResourceVersion, isGraceful: typeof(T) == typeof(V1Pod));
    }

    public Task<bool> IsServedAsync<T>(CancellationToken cancellationToken)
        where T : class, IKubernetesObject => Task.FromResult(!cluster.Unserved.Contains(ResourceType<T>.Plural));

    public IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string? @namespace, WatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject => throw new NotSupportedException();

    public Task<V1Scale> GetScaleAsync<T>(string name, string @namespace, CancellationToken cancellationToken)
        where T : class, IKubernetesObject => throw new NotSupportedException();

    public Task<V1Scale> ReplaceScaleAsync<T>(V1Scale scale, CancellationToken cancellationToken)
        where T : class, IKubernetesObject => throw new NotSupportedException();
}
