using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Resources;
using K8sQueue.Operator.Revisions;
using K8sQueue.Operator.Scaling;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>What the pool's Deployments are to be now.</summary>
/// <param name="IsRollingOut">Workers of other revisions than the spec's are there, or that one could not be made.</param>
/// <param name="IsStalled">The spec's revision has had its time and is not ready.</param>
internal sealed record PoolPlan(RolloutPlan Rollout, List<V1Deployment> Deployments, bool IsRollingOut, bool IsStalled);

/// <summary>Divides a pool's size among its revisions, and deletes those that are through.</summary>
internal sealed class PoolRollout(IKubernetesClient client, PoolStores stores, TimeProvider time)
{
    public PoolPlan? PlanOf(PoolPass pass, string revision, int target, IReadOnlyList<V1Pod> pods, NamespaceAllocation allocation)
    {
        var deployments = pass.Deployments.FindAll(deployment => !deployment.IsDeleting());
        if (deployments.Count == 0)
            return null;
        var name = ChildMetadata.DeploymentName(pass.Name, revision);
        var stable = pass.Pool.Status?.StableRevision is { } hash ? ChildMetadata.DeploymentName(pass.Name, hash) : null;
        var current = deployments.Find(deployment => deployment.Metadata.Name == name) ?? LastGood(deployments, pods, stable);
        var room = new RolloutRoom(stores, pass, allocation);
        var states = deployments.ConvertAll(deployment => StateOf(deployment, deployment == current, pods, room));
        var hasOld = states.Exists(state => !state.IsCurrent && (state.Replicas > 0 || state.Active > 0));
        var isStalled = current.Metadata.Name == name && (hasOld || stable != name) && IsStalled(pass, current, revision, target, pods);
        var bounds = BoundsOf(pass, target, states, pods, room) with { IsStalled = isStalled, Stable = stable };
        return new PoolPlan(RevisionRollout.Plan(bounds, states), deployments, hasOld || current.Metadata.Name != name, isStalled);
    }

    /// <summary>Where the spec's own revision could not be made, the last one goes on.</summary>
    private static V1Deployment LastGood(List<V1Deployment> deployments, IReadOnlyList<V1Pod> pods, string? stable) =>
        deployments.OrderByDescending(deployment => pods.Count(pod => IsOf(pod, deployment) && pod.IsReady()))
            .ThenByDescending(deployment => deployment.Metadata.Name == stable)
            .ThenByDescending(RevisionHistory.NumberOf)
            .ThenByDescending(deployment => deployment.Metadata.CreationTimestamp)
            .ThenBy(deployment => deployment.Metadata.Name, StringComparer.Ordinal).First();

    private RevisionState StateOf(V1Deployment deployment, bool isCurrent, IReadOnlyList<V1Pod> pods, RolloutRoom room)
    {
        var own = pods.Where(pod => IsOf(pod, deployment) && !pod.HasEnded()).ToList();
        var active = own.FindAll(pod => !pod.IsDeleting());
        var now = time.GetUtcNow();
        return new RevisionState(deployment.Metadata.Name!, isCurrent)
        {
            Number = RevisionHistory.NumberOf(deployment),
            Replicas = deployment.Spec.Replicas ?? 0,
            Ready = active.Count(pod => isCurrent ? pod.IsReadyToStay(now) : pod.IsReady()),
            Active = Math.Max(active.Count, UnseenOf(deployment, isCurrent)),
            Terminating = own.Count - active.Count,
            Granted = active.Count(pod => !pod.IsGated()),
            Room = room.Of(ChargesOf(own) ?? room.Charges),
        };
    }

    /// <summary>Pods that the cache may not show yet: of an old revision whose Deployment says so, or whose controller has not looked.</summary>
    private static int UnseenOf(V1Deployment deployment, bool isCurrent)
    {
        var isSeen = deployment.Status is { } status && status.ObservedGeneration >= deployment.Metadata.Generation;
        return isSeen ? deployment.Status!.Replicas ?? 0 : isCurrent ? 0 : 1;
    }

    private bool IsStalled(PoolPass pass, V1Deployment current, string revision, int target, IReadOnlyList<V1Pod> pods)
    {
        var status = pass.Pool.Status;
        var said = status?.CurrentRevision == revision ? status.Conditions.Find(Conditions.Progressing) : null;
        var progress = ProgressDeadline.Of(
            [.. pods.Where(pod => IsOf(pod, current))],
            current,
            target,
            TimeSpan.FromSeconds(pass.Spec.Rollout.ProgressDeadlineSeconds),
            said?.Reason == Reasons.ProgressDeadlineExceeded ? said.LastTransitionTime : null,
            time.GetUtcNow());
        pass.LookAgain(progress.LookAgainAfter);
        return progress.IsStalled;
    }

    private static RolloutBounds BoundsOf(PoolPass pass, int target, List<RevisionState> states, IReadOnlyList<V1Pod> pods, RolloutRoom room)
    {
        var rollout = pass.Spec.Rollout;
        var surge = rollout.SurgeOf(target);
        var ready = states.Find(state => state.IsCurrent)!.Ready;
        var old = pass.Deployments.Where(deployment => states.Exists(state => !state.IsCurrent && state.Name == deployment.Metadata.Name))
            .Select(deployment => ChargesOf(pods.Where(pod => IsOf(pod, deployment)))).OfType<IReadOnlyDictionary<string, int>>().ToList();
        var names = states.ConvertAll(state => state.Name);
        return new RolloutBounds(target, room.IsUnknown ? Math.Max(1, surge) : surge)
        {
            Spare = room.Spare(target, ready, old, names),
            AwaitsRoom = room.IsUnknown || room.IsBehind(names, pods),
            HistoryLimit = rollout.RevisionHistoryLimit,
        };
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

    private static IReadOnlyDictionary<string, int>? ChargesOf(IEnumerable<V1Pod> pods) =>
        pods.Select(pod => pod.Charges()).FirstOrDefault(charges => charges is not null);

    private static bool IsOf(V1Pod pod, V1Deployment deployment) => pod.Label(Labels.Revision) == deployment.Label(Labels.Revision);
}
