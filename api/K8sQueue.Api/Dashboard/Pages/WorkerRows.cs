using K8sQueue.Api.Cluster;
using K8sQueue.Api.Workers;
using K8sQueue.Core.Jobs;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>Puts together what is known of workers. Pure.</summary>
internal static class WorkerRows
{
    /// <summary>A row a worker, by name.</summary>
    /// <param name="workers">Consumers of queues: a worker of several is there for each.</param>
    /// <param name="running">Jobs of these queues that run.</param>
    /// <param name="pods">The pods that are known, by name, each with its pool.</param>
    public static IReadOnlyList<WorkerRow> Of(
        IEnumerable<WorkerDocument> workers, IEnumerable<JobSnapshot> running, IReadOnlyDictionary<string, (NamespacedName Pool, PodDocument Pod)> pods)
    {
        var jobs = running.Where(job => job.Consumer is not null).ToLookup(job => job.Consumer!, StringComparer.Ordinal);
        return
        [
            .. from worker in workers
               group worker by worker.Name into entries
               orderby entries.Key
               let pod = entries.First().Pod
               let found = pods.TryGetValue(pod, out var known) ? known : default((NamespacedName Pool, PodDocument Pod)?)
               select new WorkerRow(
                   entries.Key,
                   pod,
                   [.. entries.Select(entry => entry.Queue)],
                   entries.Sum(entry => entry.InFlight),
                   TimeSpan.FromSeconds(entries.Min(entry => entry.LeaseAgeSeconds)))
               {
                   Jobs = [.. jobs[entries.Key].OrderBy(job => job.StartedAt)],
                   Pod = found?.Pod,
                   Pool = found?.Pool,
               },
        ];
    }
}
