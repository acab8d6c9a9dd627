using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Resources;
using K8sQueue.Operator.Revisions;
using K8sQueue.Operator.Scaling;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>What the pool's Deployments are to be now.</summary>
internal sealed record PoolPlan(RolloutPlan Rollout, List<V1Deployment> Deployments, bool IsRollingOut);

/// <summary>Divides a pool's size among its revisions, and deletes those that are through.</summary>
internal sealed class PoolRollout(IKubernetesClient client, PoolStores stores)
{
    public PoolPlan? PlanOf(PoolPass pass, string revision, int target, IReadOnlyList<V1Pod> pods, NamespaceAllocation allocation)
    {
        var deployments = pass.Deployments.FindAll(deployment => !deployment.IsDeleting());
        if (deployments.Count == 0)
            return null;
        var name = ChildMetadata.DeploymentName(pass.Name, revision);
        var current = deployments.Find(deployment => deployment.Metadata.Name == name) ?? LastGood(deployments, pods);
        var states = deployments.ConvertAll(deployment => StateOf(deployment, deployment == current, pods));
        var surge = states.Count == 1 ? 0 : SurgeOf(pass, current, pods, allocation);
        var plan = RevisionRollout.Plan(target, states, surge);
        return new PoolPlan(plan, deployments, states.Exists(state => !state.IsCurrent && state.Pods > 0) || current.Metadata.Name != name);
    }

    /// <summary>Where the spec's own revision could not be made, the last one goes on.</summary>
    private static V1Deployment LastGood(List<V1Deployment> deployments, IReadOnlyList<V1Pod> pods) =>
        deployments.OrderByDescending(deployment => pods.Count(pod => IsOf(pod, deployment) && PodCounts.IsReady(pod)))
            .ThenByDescending(deployment => deployment.Metadata.CreationTimestamp)
            .ThenBy(deployment => deployment.Metadata.Name, StringComparer.Ordinal).First();

    private static RevisionState StateOf(V1Deployment deployment, bool isCurrent, IReadOnlyList<V1Pod> pods)
    {
        var own = pods.Where(pod => IsOf(pod, deployment)).ToList();
        var seen = deployment.Status is { } status && status.ObservedGeneration >= deployment.Metadata.Generation;
        return new RevisionState(
            deployment.Metadata.Name!,
            isCurrent,
            deployment.Spec.Replicas ?? 0,
            own.Count(pod => !pod.IsDeleting() && PodCounts.IsReady(pod)),
            Math.Max(own.Count(pod => !pod.HasEnded()), seen ? deployment.Status!.Replicas ?? 0 : 1));
    }

    /// <summary>
    /// Replicas beyond the target that the budgets have room for: neither spoken for by anybody's share nor in use, but for what surges already.
    /// </summary>
    private int? SurgeOf(PoolPass pass, V1Deployment current, IReadOnlyList<V1Pod> pods, NamespaceAllocation allocation)
    {
        int? surge = null;
        foreach (var connection in pass.Charges)
        {
            var starting = pods.Count(pod => IsOf(pod, current) && !pod.IsGated() && !pod.IsDeleting() && !PodCounts.IsReady(pod));
            var budget = stores.Budgets.Get(new NamespacedName(pass.Namespace, connection.Budget));
            var free = (budget?.Status?.Available ?? 0) / connection.PerReplica;
            var room = Math.Max(0, Math.Min(allocation.Slack(connection.Budget) / connection.PerReplica, free + starting));
            surge = Math.Min(surge ?? room, room);
        }

        return surge;
    }

    public async Task DeleteFinishedAsync(PoolPass pass, PoolPlan? plan, CancellationToken cancellationToken)
    {
        foreach (var name in plan?.Rollout.Finished ?? [])
        {
            // Only as it was seen: after a rollback it may be in use again.
            var metadata = plan!.Deployments.Find(deployment => deployment.Metadata.Name == name)!.Metadata;
            var asSeen = new DeleteOptions { Uid = metadata.Uid, ResourceVersion = metadata.ResourceVersion };
            await pass.AttemptAsync($"The Deployment '{name}' can't be deleted", () =>
                client.DeleteAsync<V1Deployment>(name, pass.Namespace, asSeen, cancellationToken)).ConfigureAwait(false);
        }
    }

    private static bool IsOf(V1Pod pod, V1Deployment deployment) => pod.Label(Labels.Revision) == deployment.Label(Labels.Revision);
}
