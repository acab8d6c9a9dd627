using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Tests.Histories.Apis;
using K8sQueue.Operator.Tests.Histories.Clusters;

namespace K8sQueue.Operator.Tests.Histories.Operators;

/// <summary>The client of one operator: every call waits until the history lets it take effect and answers it.</summary>
internal sealed class ApiClient(OperatorProcess caller, Api api, Cluster cluster) : IKubernetesClient
{
    private static readonly TimeSpan InTime = TimeSpan.FromSeconds(20);

    public Task<T?> GetAsync<T>(string name, string? @namespace, CancellationToken cancellationToken)
        where T : class, IKubernetesObject => Send<T, T?>("get", name, false, () => Own(api.Of<T>().Get(name)));

    public Task<KubernetesList<T>> ListAsync<T>(string? @namespace, ListOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        (options ?? new ListOptions()).ResourceVersion.Should().BeEmpty("a live read is a consistent one");
        return Send<T, KubernetesList<T>>("list", "", false, () => new KubernetesList<T>(
            [.. api.Of<T>().All.Where(value => LabelSelector.Matches(value, options?.LabelSelector)).Select(value => Own(value)!)], api.Version));
    }

    public Task<T> CreateAsync<T>(T value, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var sent = OperatorJson.Clone(value);
        return Send<T, T>("create", value.Metadata.Name!, true, () => api.Create(sent));
    }

    public Task<T> ReplaceStatusAsync<T>(T value, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var sent = OperatorJson.Clone(value);
        return Send<T, T>("status", value.Metadata.Name!, true, () => api.ReplaceStatus(sent, CopyStatus));
    }

    public Task<T> ApplyAsync<T>(T value, string fieldManager, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var sent = OperatorJson.Clone(value);
        return Send<T, T>("apply", value.Metadata.Name!, true, () => api.Apply(sent));
    }

    public Task<T> PatchAsync<T>(string name, string? @namespace, KubernetesPatch patch, string? subresource, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var sentAt = cluster.Time.GetUtcNow();
        return Send<T, T>("patch", name, true, () =>
        {
            // The same of a lowering.
            if (api.Of<T>().Get(name) is V1Deployment deployment && cluster.Time.GetUtcNow() - sentAt >= InTime)
                cluster.Isolated.Add(Workloads.ReplicaSetNameOf(deployment));
            return Own(api.Patch<T>(name, patch))!;
        });
    }

    public Task<bool> DeleteAsync<T>(string name, string? @namespace, DeleteOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var sentAt = cluster.Time.GetUtcNow();
        return Send<T, bool>("delete", name, true, () =>
        {
            // One that arrives when the worker has long since resumed by itself can't be helped.
            var isInTime = cluster.Time.GetUtcNow() - sentAt < InTime;
            var busy = isInTime && api.Of<T>().Get(name) is V1Pod pod ? cluster.BusyOf(pod) : null;
            var done = api.Delete<T>(name, options);
            if (busy is not null)
                cluster.BusyVictim ??= $"{caller.Name} deleted {busy}";
            return done;
        });
    }

    public Task<bool> IsServedAsync<T>(CancellationToken cancellationToken)
        where T : class, IKubernetesObject => Task.FromResult(true);

    public Task<T> ReplaceAsync<T>(T value, CancellationToken cancellationToken)
        where T : class, IKubernetesObject => throw new NotSupportedException();

    public IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string? @namespace, WatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject => throw new NotSupportedException();

    public Task<V1Scale> GetScaleAsync<T>(string name, string @namespace, CancellationToken cancellationToken)
        where T : class, IKubernetesObject => throw new NotSupportedException();

    public Task<V1Scale> ReplaceScaleAsync<T>(V1Scale scale, CancellationToken cancellationToken)
        where T : class, IKubernetesObject => throw new NotSupportedException();

    private Task<TResult> Send<T, TResult>(string verb, string name, bool isWrite, Func<TResult> effect)
        where T : class, IKubernetesObject => caller.Send($"{verb} {ResourceType<T>.Plural} {name}", isWrite, effect);

    /// <summary>Callers change what they read of these; the others are only read, and shared.</summary>
    private static T? Own<T>(T? value)
        where T : class, IKubernetesObject => value is null or V1Pod or V1Deployment or V1ReplicaSet ? value : OperatorJson.Clone(value);

    private static void CopyStatus<T>(T from, T to)
    {
        switch (from, to)
        {
            case (V1Alpha1WorkerPool pool, V1Alpha1WorkerPool next):
                next.Status = pool.Status;
                break;
            case (V1Alpha1ConnectionBudget budget, V1Alpha1ConnectionBudget next):
                next.Status = budget.Status;
                break;
            default:
                throw new NotSupportedException($"The status of {typeof(T).Name}.");
        }
    }
}
