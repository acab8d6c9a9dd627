using K8sQueue.Api.Authentication;
using K8sQueue.Api.Cluster;
using K8sQueue.Api.Hosting;
using K8sQueue.Api.Problems;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>Pods of workers by their names, each with its pool.</summary>
/// <param name="Known">Them.</param>
/// <param name="Fault">Why they can't be told; null where they can, where there is no cluster, and where they are not the reader's to see.</param>
internal sealed record WorkerPods(IReadOnlyDictionary<string, (NamespacedName Pool, PodDocument Pod)> Known, ErrorModel? Fault)
{
    private const int MaxPools = 50;
    private const int Concurrency = 8;

    /// <summary>The pods of the pools that consume these queues; none where there is no cluster, or it is not theirs to see.</summary>
    public static async Task<WorkerPods> ReadAsync(HttpContext context, ClusterReader cluster, IReadOnlySet<string> queues)
    {
        var pods = new Dictionary<string, (NamespacedName, PodDocument)>(StringComparer.Ordinal);
        if (!cluster.IsConfigured || !Access.May(context.User, Verb.Read, queue: null))
            return new WorkerPods(pods, Fault: null);
        try
        {
            var pools = (await cluster.ListPoolsAsync(context.RequestAborted)).Where(pool => pool.NativeQueues().Any(queues.Contains)).Take(MaxPools)
                .Select(pool => new NamespacedName(pool.Metadata.Namespace ?? "", pool.Metadata.Name ?? "")).ToList();
            var lists = await ParallelReads.OfAsync(
                pools, Concurrency, async (pool, token) => await cluster.ListPodsAsync(pool, token), context.RequestAborted);
            foreach (var (pool, pod) in pools.Zip(lists).SelectMany(pair => pair.Second.Select(pod => (pair.First, pod))))
                pods[pod.Metadata.Name ?? ""] = (pool, PodDocument.From(pod, new Dictionary<string, int>()));
            return new WorkerPods(pods, Fault: null);
        }
        catch (ProblemException e)
        {
            return new WorkerPods(pods, new ErrorModel(e.Problem.Type.Title, e.Problem.Detail));
        }
    }
}
