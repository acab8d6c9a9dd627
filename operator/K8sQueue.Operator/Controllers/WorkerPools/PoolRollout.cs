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

/// <summary>What a pool's size is worked out by.</summary>
/// <param name="Current">The revision that the pool is to have; null where there is none at all.</param>
/// <param name="Charges">What a replica of it takes.</param>
/// <param name="Prior">What one of the revision before takes; null where that is the same.</param>
internal sealed record PoolBasis(V1Deployment? Current, IReadOnlyList<PoolCharge> Charges, IReadOnlyList<PoolCharge>? Prior);

/// <summary>Divides a pool's size among its revisions, and deletes those that are through.</summary>
internal sealed class PoolRollout(IKubernetesClient client, PoolStores stores, TimeProvider time)
{
    /// <summary>Where the spec's own revision could not be made, or nothing of it can be granted, the last good one goes on.</summary>
    /// <param name="usable">Connections by budget, of those that are there and known.</param>
    public static PoolBasis BasisOf(PoolPass pass, string revision, IReadOnlyList<V1Pod> pods, IReadOnlyDictionary<string, int> usable)
    {
        var deployments = pass.Deployments.FindAll(deployment => !deployment.IsDeleting());
        var own = deployments.Find(deployment => deployment.Metadata.Name == ChildMetadata.DeploymentName(pass.Name, revision));
        var isBlocked = PlanningBasis.ObstacleOf(pass.Charges, usable) is not null;
        var current = own is null || isBlocked ? PlanningBasis.LastGood(deployments, pods, pass.Pool.Status?.StableRevision) : own;
        var charges = current is null || current == own ? pass.Charges : PlanningBasis.ChargesOf(current, pass.Charges);
        return new PoolBasis(current, charges, PriorOf(pass, deployments, current, charges, pods));
    }

    /// <summary>What the revision in whose place the current one comes is charged; null where that is the same, or there is none.</summary>
    private static IReadOnlyList<PoolCharge>? PriorOf(
        PoolPass pass, List<V1Deployment> deployments, V1Deployment? current, IReadOnlyList<PoolCharge> charges, IReadOnlyList<V1Pod> pods)
    {
        var stable = pass.Pool.Status?.StableRevision;
        var others = deployments.Where(deployment => deployment != current
            && (deployment.Spec.Replicas > 0 || deployment.Label(Labels.Revision) == stable || pods.Any(pod => IsOf(pod, deployment))));
        if (PlanningBasis.LastGood(others, pods, stable) is not { } prior)
            return null;
        var before = PlanningBasis.ChargesOf(prior, pass.Charges);
        return before.ToHashSet().SetEquals(charges) ? null : before;
    }

    /// <param name="limit">Replicas that the current revision is to have in the end; the target counts in those of the one before.</param>
    public PoolPlan? PlanOf(PoolPass pass, PoolBasis basis, string revision, int target, int limit, IReadOnlyList<V1Pod> pods, NamespaceAllocation allocation)
    {
        if (basis.Current is not { } current)
            return null;
        var deployments = pass.Deployments.FindAll(deployment => !deployment.IsDeleting());
        var name = ChildMetadata.DeploymentName(pass.Name, revision);
        var stable = pass.Pool.Status?.StableRevision is { } hash ? ChildMetadata.DeploymentName(pass.Name, hash) : null;
        var room = new RolloutRoom(stores, pass.Namespace, basis.Charges, allocation);
        var states = deployments.ConvertAll(deployment => StateOf(deployment, deployment == current, pods, room, pass.Spec.Rollout.MinReady));
        var hasOld = states.Exists(state => !state.IsCurrent && (state.Replicas > 0 || state.Active > 0));
        var isStalled = current.Metadata.Name == name && (hasOld || stable != name) && IsStalled(pass, current, revision, Math.Min(limit, target), pods);
        var bounds = BoundsOf(pass, current, target, limit, states, pods, room) with { IsStalled = isStalled, Stable = stable };
        var plan = RevisionRollout.Plan(bounds, states);
        // The spec's own stays, to be used once it can be.
        plan = plan with { Finished = [.. plan.Finished.Where(finished => finished != name)] };
        return new PoolPlan(plan, deployments, hasOld || current.Metadata.Name != name, isStalled);
    }

    private RevisionState StateOf(V1Deployment deployment, bool isCurrent, IReadOnlyList<V1Pod> pods, RolloutRoom room, TimeSpan minReady)
    {
        var own = pods.Where(pod => IsOf(pod, deployment) && !pod.HasEnded()).ToList();
        var active = own.FindAll(pod => !pod.IsDeleting());
        var now = time.GetUtcNow();
        return new RevisionState(deployment.Metadata.Name!, isCurrent)
        {
            Number = RevisionHistory.NumberOf(deployment),
            Replicas = deployment.Spec.Replicas ?? 0,
            Ready = active.Count(pod => isCurrent ? pod.IsReadyToStay(minReady, now) : pod.IsReady()),
            Active = Math.Max(active.Count, UnseenOf(deployment, isCurrent)),
            Terminating = own.Count - active.Count,
            Granted = active.Count(pod => !pod.IsGated()),
            Room = room.Of(deployment.Charges() ?? room.Charges),
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
            pass.Spec.Rollout.MinReady,
            said?.Reason == Reasons.ProgressDeadlineExceeded ? said.LastTransitionTime : null,
            time.GetUtcNow());
        pass.LookAgain(progress.LookAgainAfter);
        return progress.IsStalled;
    }

    private static RolloutBounds BoundsOf(
        PoolPass pass, V1Deployment current, int target, int limit, List<RevisionState> states, IReadOnlyList<V1Pod> pods, RolloutRoom room)
    {
        var rollout = pass.Spec.Rollout;
        var surge = rollout.SurgeOf(target);
        var own = states.Find(state => state.IsCurrent)!;
        var old = pass.Deployments.Where(deployment => deployment != current && pods.Any(pod => IsOf(pod, deployment)))
            .Select(deployment => deployment.Charges()).OfType<IReadOnlyDictionary<string, int>>().ToList();
        var names = states.ConvertAll(state => state.Name);
        var bounds = new RolloutBounds(target, room.IsUnknown ? Math.Max(1, surge) : surge) { Limit = limit, Weight = room.WeightOver(old) };
        return bounds with
        {
            IsBlocked = room.IsUnknown,
            Spare = room.Spare(bounds, own.Ready, old, names),
            MostKept = room.MostKept(NextOf(own, bounds.CurrentLimit), old, names),
            HistoryLimit = rollout.RevisionHistoryLimit,
        };
    }

    private static int NextOf(RevisionState current, int limit) => Math.Max(current.Granted, Math.Min(current.Ready + 1, limit));

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

    private static bool IsOf(V1Pod pod, V1Deployment deployment) => PlanningBasis.IsOf(pod, deployment);
}
