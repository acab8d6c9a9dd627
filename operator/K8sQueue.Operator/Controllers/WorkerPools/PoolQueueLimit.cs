using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Revisions;
using K8sQueue.Operator.Scaling;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>Asks workers, before a pool grows, whether a limit of their queue keeps them from the jobs that wait.</summary>
internal sealed class PoolQueueLimit(WorkerRounds workers, TimeProvider time)
{
    // One that has room and is held is enough: no other would find a job.
    private const int MostAsked = 8;

    /// <returns>The limit, and how many replicas are enough because of it; no limit where more may find jobs, or nobody can tell.</returns>
    public async Task<(string? Limit, int Replicas)> OfAsync(PoolPass pass, int wanted, IReadOnlyList<V1Pod> pods, CancellationToken cancellationToken)
    {
        var current = pass.Memory.Target ?? pass.Deployments.Sum(deployment => deployment.Spec.Replicas ?? 0);
        var enough = Math.Max(current, pass.Spec.Scaling.MinReplicas);
        if (wanted <= enough || !pass.Spec.Queues.Exists(queue => queue.K8squeue is not null))
            return (null, wanted);
        var view = pass.Memory.QueueLimit;
        if (view.IsDue(workers.Clock))
            view.Take(await AskAsync(pass, pods, view.Round, cancellationToken).ConfigureAwait(false), workers.Clock);
        if (view.Limit(workers.Clock) is not { } limit)
            return (null, wanted);
        pass.LookAgain(QueueLimitView.AskInterval);
        return (limit, enough);
    }

    private async Task<IReadOnlyList<string?>> AskAsync(PoolPass pass, IReadOnlyList<V1Pod> pods, int round, CancellationToken cancellationToken)
    {
        var ready = pods.Where(pod => pod.IsActive() && pod.IsReady() && pod.DrainingSince() is null).OrderBy(pod => pod.Metadata.Name, StringComparer.Ordinal).ToList();
        var asked = Enumerable.Range(0, Math.Min(MostAsked, ready.Count)).Select(i => ready[(int)((((long)round * MostAsked) + i) % ready.Count)]);
        var endpoints = new List<WorkerEndpoint>();
        foreach (var pod in asked)
        {
            var deployment = pass.Deployments.FirstOrDefault(deployment => deployment.Label(Labels.Revision) == pod.Label(Labels.Revision));
            if (deployment is not null
                && new DrainSite(pass, deployment, ManagementPort.Of(deployment.Spec.Template), time.GetUtcNow(), workers.Clock).EndpointOf(pod) is { } endpoint)
            {
                endpoints.Add(endpoint);
            }
        }

        var answers = await workers.AskAsync(pass, endpoints, cancellationToken).ConfigureAwait(false);
        return [.. answers.Select(answer => (answer as WorkerAnswer.Report)?.BlockedBy)];
    }
}
