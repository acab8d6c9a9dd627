using K8sQueue.Api.Cluster.Resources;
using K8sQueue.Api.Problems;
using K8sQueue.Core.Queues;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Api.Cluster;

/// <summary>What requests and pages alike read of one pool or budget.</summary>
internal static class ClusterReads
{
    /// <exception cref="ProblemException">There is no such pool, or the cluster can't be read.</exception>
    public static async Task<WorkerPoolResource> RequirePoolAsync(this ClusterReader cluster, NamespacedName name, CancellationToken cancellationToken) =>
        await cluster.FindAsync<WorkerPoolResource>(name, cancellationToken) ?? throw new ProblemException(new Problem(ProblemTypes.PoolNotFound));

    /// <exception cref="ProblemException">There is no such budget, or the cluster can't be read.</exception>
    public static async Task<ConnectionBudgetResource> RequireBudgetAsync(this ClusterReader cluster, NamespacedName name, CancellationToken cancellationToken) =>
        await cluster.FindAsync<ConnectionBudgetResource>(name, cancellationToken) ?? throw new ProblemException(new Problem(ProblemTypes.BudgetNotFound));

    /// <summary>A pool's pods, by name, with what each has in flight.</summary>
    /// <exception cref="ProblemException">The cluster can't be read.</exception>
    public static async Task<IReadOnlyList<PodDocument>> ReadPodsAsync(
        this ClusterReader cluster, WorkerPoolResource pool, IJobQueue jobs, CancellationToken cancellationToken)
    {
        var inFlight = PodLoad.ReadAsync(pool, jobs, cancellationToken);
        var pods = await cluster.ListPodsAsync(new NamespacedName(pool.Metadata.Namespace ?? "", pool.Metadata.Name ?? ""), cancellationToken);
        var load = await inFlight;
        return [.. pods.Select(pod => PodDocument.From(pod, load))];
    }
}
