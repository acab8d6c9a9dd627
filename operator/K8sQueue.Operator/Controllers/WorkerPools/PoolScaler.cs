using System.Net;
using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Resources;
using K8sQueue.Operator.Revisions;
using K8sQueue.Operator.Scaling;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>How a pool's size came out.</summary>
internal sealed record ScaleResult(
    int Desired, int Target, int EffectiveMax, string? LimitedBy, string? LimitingBudget, bool IsRollingOut, bool ZeroAwaitsWord);

/// <summary>From the demand to Deployments and grants.</summary>
internal sealed class PoolScaler(
    IKubernetesClient client, PoolStores stores, PoolAllocations allocations, GrantProtocol grants, KeyedLocks locks)
{
    private static readonly TimeSpan WordInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StaleInterval = TimeSpan.FromSeconds(1);

    public async Task<ScaleResult> ScaleAsync(PoolPass pass, string revision, CancellationToken cancellationToken)
    {
        var demand = DemandOf(pass);
        var desired = Math.Max(demand.Replicas, pass.Spec.Scaling.MinReplicas);
        var wanted = pass.Spec.Suspend ? 0 : Math.Min(desired, pass.Spec.Scaling.MaxReplicas);
        var allocation = allocations.Of(pass.Namespace, pass.Pool, wanted);
        var share = allocation.ReplicasOf(pass.Name);
        var target = RateLimited(pass, share);
        pass.Memory.Target = target;

        var pods = stores.PodsOf(pass.Pool);
        var plan = PlanOf(pass, revision, target, pods, allocation);
        await ResizeAsync(pass, plan, cancellationToken).ConfigureAwait(false);
        var outcome = await GrantAsync(pass, plan, pods, cancellationToken).ConfigureAwait(false);
        if (outcome.MissingBudget is { } missing)
            pass.Report(Reasons.BudgetNotFound, PoolReports.BudgetNotFound(missing, pass.Namespace));
        if (outcome.Refusal is { } refusal)
        {
            pass.Report(Reasons.GrantRefused, $"The operator may not take the gate off a pod, so no replica is added: {refusal}");
            pass.LookAgain(WordInterval);
        }

        await DeleteFinishedAsync(pass, plan, cancellationToken).ConfigureAwait(false);

        var budget = share < wanted ? allocation.LimitOf(pass.Name) ?? outcome.BlockedBy : outcome.BlockedBy;
        return new ScaleResult(
            desired,
            target,
            Math.Min(pass.Spec.Scaling.MaxReplicas, allocation.MostOf(pass.Name)),
            LimitedBy(pass, desired, share, target, budget),
            budget,
            plan?.IsRollingOut == true,
            demand.AwaitsWord && demand.Replicas > pass.Spec.Scaling.MinReplicas && !pass.Spec.Suspend);
    }

    private DemandDecision DemandOf(PoolPass pass)
    {
        var scaling = pass.Spec.Scaling;
        var scaledObject = stores.ScaledObjects.Get(new NamespacedName(pass.Namespace, pass.Name));
        var own = scaledObject?.IsControlledBy(pass.Pool) == true ? scaledObject : null;
        var demand = pass.Memory.Demand.Observe(
            pass.Spec.Replicas, TimeSpan.FromSeconds(scaling.PollingIntervalSeconds), ScalingCondition.ZeroIsMeant(own));
        pass.LookAgain(demand.LookAgainAfter);
        if (demand is { AwaitsWord: true, Replicas: > 0 })
            pass.LookAgain(WordInterval);
        return demand;
    }

    private static int RateLimited(PoolPass pass, int share)
    {
        var current = pass.Memory.Target ?? pass.Deployments.Sum(deployment => deployment.Spec.Replicas ?? 0);
        if (pass.Spec.Suspend)
            return 0;
        var scaling = pass.Spec.Scaling;
        var rate = pass.Memory.Rate.Next(current, share, scaling.ScaleUp.MaxPodsPerMinute, scaling.ScaleDown.MaxPodsPerMinute);
        pass.LookAgain(rate.LookAgainAfter);
        return rate.Replicas;
    }

    private PoolPlan? PlanOf(PoolPass pass, string revision, int target, IReadOnlyList<V1Pod> pods, NamespaceAllocation allocation)
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
        foreach (var connection in pass.Spec.Connections ?? [])
        {
            var starting = pods.Count(pod => IsOf(pod, current) && !pod.IsGated() && !pod.IsDeleting() && !PodCounts.IsReady(pod));
            var budget = stores.Budgets.Get(new NamespacedName(pass.Namespace, connection.Budget));
            var free = (budget?.Status?.Available ?? 0) / connection.PerReplica;
            var room = Math.Max(0, Math.Min(allocation.Slack(connection.Budget) / connection.PerReplica, free + starting));
            surge = Math.Min(surge ?? room, room);
        }

        return surge;
    }

    private async Task ResizeAsync(PoolPass pass, PoolPlan? plan, CancellationToken cancellationToken)
    {
        foreach (var deployment in plan?.Deployments ?? [])
        {
            var replicas = plan!.Rollout.Replicas[deployment.Metadata.Name!];
            if (deployment.Spec.Replicas == replicas)
                continue;
            await pass.AttemptAsync($"The Deployment '{deployment.Metadata.Name}' can't be resized", () =>
                ResizeAsync(pass, deployment, replicas, cancellationToken)).ConfigureAwait(false);
        }
    }

    /// <summary>Only from the size that was seen: one that another leader has set since is not this one's to change.</summary>
    private async Task ResizeAsync(PoolPass pass, V1Deployment deployment, int replicas, CancellationToken cancellationToken)
    {
        var patch = new JsonArray(
            new JsonObject { ["op"] = "test", ["path"] = "/metadata/uid", ["value"] = deployment.Metadata.Uid },
            new JsonObject { ["op"] = "test", ["path"] = "/spec/replicas", ["value"] = deployment.Spec.Replicas },
            new JsonObject { ["op"] = "replace", ["path"] = "/spec/replicas", ["value"] = replicas });
        try
        {
            await client.PatchAsync<V1Deployment>(
                deployment.Metadata.Name!, pass.Namespace, new KubernetesPatch(patch, KubernetesPatch.JsonPatch), null, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.StatusCode == HttpStatusCode.UnprocessableEntity)
        {
            // A test failed: the cache is behind.
            pass.LookAgain(StaleInterval);
        }
    }

    private async Task<GrantOutcome> GrantAsync(PoolPass pass, PoolPlan? plan, IReadOnlyList<V1Pod> pods, CancellationToken cancellationToken)
    {
        var waiting = pods.Where(pod => pod.IsGated() && !pod.IsDeleting()).ToList();
        if (plan is null || waiting.Count == 0)
            return GrantOutcome.Nothing;
        var limits = plan.Deployments.ToDictionary(
            deployment => deployment.Label(Labels.Revision)!, deployment => plan.Rollout.Replicas[deployment.Metadata.Name!], StringComparer.Ordinal);
        var budgets = waiting.SelectMany(pod => pod.Charges()?.Keys ?? []).Select(budget => $"{pass.Namespace}/{budget}");
        using var held = await locks.TakeAsync(budgets, cancellationToken).ConfigureAwait(false);
        var outcome = GrantOutcome.Nothing;
        await pass.AttemptAsync("The pods that wait can't be granted", async () => outcome = await grants.GrantAsync(
            new GrantRequest(pass.Namespace, pass.Name, limits, waiting.Select(pod => pod.Metadata.Uid!).ToHashSet(StringComparer.Ordinal)),
            cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        return outcome;
    }

    private async Task DeleteFinishedAsync(PoolPass pass, PoolPlan? plan, CancellationToken cancellationToken)
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

    private static string? LimitedBy(PoolPass pass, int desired, int share, int target, string? budget)
    {
        if (pass.Spec.Suspend)
            return "Suspended";
        if (budget is not null)
            return $"ConnectionBudget/{budget}";
        if (target < share)
            return "ScaleUpRate";
        return desired >= pass.Spec.Scaling.MaxReplicas && desired > pass.Spec.Scaling.MinReplicas ? "MaxReplicas" : null;
    }

    private static bool IsOf(V1Pod pod, V1Deployment deployment) => pod.Label(Labels.Revision) == deployment.Label(Labels.Revision);

    private sealed record PoolPlan(RolloutPlan Rollout, List<V1Deployment> Deployments, bool IsRollingOut);
}
