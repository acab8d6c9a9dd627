using K8sQueue.Api.Cluster.Resources;
using K8sQueue.Api.Hosting;
using K8sQueue.Api.Problems;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Api.Cluster;

/// <summary>
/// Reads pools, budgets and pods. Lists come from the API server's own cache and are shared by all who ask within <see cref="Freshness"/>: many open
/// pages cost the cluster as much as one. Nothing is kept beyond that, so that a cluster that comes back is seen at once.
/// </summary>
internal sealed class ClusterReader
{
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    private readonly ClusterAccess _access;
    private readonly ClusterOptions _options;
    private readonly SharedRead<IReadOnlyList<WorkerPoolResource>> _pools;
    private readonly SharedRead<IReadOnlyList<ConnectionBudgetResource>> _budgets;

    public ClusterReader(ClusterAccess access, ClusterOptions options, TimeProvider time)
    {
        _access = access;
        _options = options;
        _pools = new(ListAsync<WorkerPoolResource>, Freshness, time);
        _budgets = new(ListAsync<ConnectionBudgetResource>, Freshness, time);
    }

    /// <summary>Whether there is a cluster to read from.</summary>
    public bool IsConfigured => _access.IsConfigured;

    /// <summary>All pools, by namespace and name.</summary>
    /// <exception cref="ProblemException">There is no cluster, or it does not answer.</exception>
    public Task<IReadOnlyList<WorkerPoolResource>> ListPoolsAsync(CancellationToken cancellationToken) => _pools.GetAsync().WaitAsync(cancellationToken);

    /// <summary>All budgets, by namespace and name.</summary>
    /// <exception cref="ProblemException">There is no cluster, or it does not answer.</exception>
    public Task<IReadOnlyList<ConnectionBudgetResource>> ListBudgetsAsync(CancellationToken cancellationToken) => _budgets.GetAsync().WaitAsync(cancellationToken);

    /// <summary>One of them as it is now; null where there is none, or its namespace is not looked at.</summary>
    /// <exception cref="ProblemException">There is no cluster, or it does not answer.</exception>
    public async Task<T?> FindAsync<T>(NamespacedName name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var client = _access.Client;
        return Sees(name.Namespace)
            ? await GuardAsync<T, T?>(() => client.GetAsync<T>(name.Name, name.Namespace, cancellationToken))
            : null;
    }

    /// <summary>A pool's pods, by name.</summary>
    /// <exception cref="ProblemException">There is no cluster, or it does not answer.</exception>
    public async Task<IReadOnlyList<V1Pod>> ListPodsAsync(NamespacedName pool, CancellationToken cancellationToken)
    {
        var client = _access.Client;
        var options = new ListOptions { LabelSelector = $"{ClusterNames.Pool}={pool.Name}", ResourceVersion = "0" };
        var list = await GuardAsync<V1Pod, KubernetesList<V1Pod>>(() => client.ListAsync<V1Pod>(pool.Namespace, options, cancellationToken));
        return [.. list.Items.OrderBy(pod => pod.Metadata.Name, StringComparer.Ordinal)];
    }

    private bool Sees(string @namespace) => _options.Namespaces.Count == 0 || _options.Namespaces.Contains(@namespace, StringComparer.Ordinal);

    private async Task<IReadOnlyList<T>> ListAsync<T>()
        where T : class, IKubernetesObject
    {
        var client = _access.Client;
        var options = new ListOptions { ResourceVersion = "0" };
        string?[] namespaces = _options.Namespaces.Count > 0 ? [.. _options.Namespaces] : [null];
        var lists = await GuardAsync<T, KubernetesList<T>[]>(
            () => Task.WhenAll(namespaces.Select(one => client.ListAsync<T>(one, options, CancellationToken.None))));
        return
        [
            .. lists.SelectMany(list => list.Items)
                .OrderBy(item => item.Metadata.Namespace, StringComparer.Ordinal).ThenBy(item => item.Metadata.Name, StringComparer.Ordinal),
        ];
    }

    private static async Task<TResult> GuardAsync<T, TResult>(Func<Task<TResult>> read)
        where T : class, IKubernetesObject
    {
        try
        {
            return await read();
        }
        catch (KubernetesApiException e)
        {
            throw new ProblemException(ClusterProblems.From(e, ResourceType<T>.Plural));
        }
    }
}
