using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Scaling;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>How a pool's size came out.</summary>
internal sealed record ScaleResult(
    int Desired, int Target, int EffectiveMax, string? LimitedBy, string? LimitingBudget, bool IsRollingOut, bool IsStalled,
    bool ZeroAwaitsWord)
{
    /// <summary>Where this time nothing came out: what was said last. Nothing is taken to be rolled out by it.</summary>
    public static ScaleResult AsBefore(PoolPass pass) => new(
        pass.Pool.Status?.DesiredReplicas ?? 0,
        pass.Memory.Target ?? pass.Deployments.Sum(deployment => deployment.Spec.Replicas ?? 0),
        pass.Pool.Status?.EffectiveMaxReplicas ?? 0,
        pass.Pool.Status?.LimitedBy,
        LimitingBudget: null,
        IsRollingOut: true,
        IsStalled: false,
        ZeroAwaitsWord: false);
}

/// <summary>From the demand to Deployments and grants.</summary>
internal sealed class PoolScaler(
    IKubernetesClient client, PoolStores stores, PoolAllocations allocations, GrantBatches grants, PoolResizer resizer,
    PoolQueueLimit queueLimits, TimeProvider time)
{
    private static readonly TimeSpan WordInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Unfinished = TimeSpan.FromSeconds(1);

    private readonly PoolRollout _rollout = new(client, stores, time);

    public async Task<ScaleResult> ScaleAsync(PoolPass pass, string revision, CancellationToken cancellationToken)
    {
        var demand = DemandOf(pass);
        var desired = Math.Max(demand.Replicas, pass.Spec.Scaling.MinReplicas);
        var wanted = pass.Spec.Suspend ? 0 : Math.Min(desired, pass.Spec.Scaling.MaxReplicas);
        var pods = stores.PodsOf(pass.Pool);
        (var queueLimit, wanted) = await queueLimits.OfAsync(pass, wanted, pods, cancellationToken).ConfigureAwait(false);
        var basis = PoolRollout.BasisOf(pass, revision, pods, allocations.UsableOf(pass.Namespace));
        var allocation = allocations.Of(pass.Namespace, pass.Pool, wanted, basis.Charges);
        var limit = allocation.ReplicasOf(pass.Name);
        // Where a replica's charges change, those that serve keep the share that they had until the new ones are ready.
        var share = basis.Prior is null
            ? limit
            : Math.Max(limit, allocations.ShareAt(basis.Prior, pass.Pool, wanted));
        var target = RateLimited(pass, share);
        var plan = _rollout.PlanOf(pass, basis, revision, target, limit, pods, allocation);
        pass.Memory.Target = plan?.Rollout.Target ?? target;
        await resizer.ResizeAsync(pass, plan, cancellationToken).ConfigureAwait(false);
        var outcome = await GrantAsync(pass, plan, pods, cancellationToken).ConfigureAwait(false);
        if (outcome.MissingBudget is { } missing)
        {
            // An old revision's budget does not say that this pool asks for it.
            pass.LookAgain(WordInterval);
            pass.Report(Reasons.BudgetNotFound, PoolReports.BudgetNotFound(missing, pass.Namespace));
        }

        if (outcome.Refusal is { } refusal)
        {
            pass.Report(Reasons.GrantRefused, $"The operator may not take the gate off a pod, so no replica is added: {refusal}");
            pass.LookAgain(WordInterval);
        }

        if (outcome is { Waiting: > 0, BlockedBy: null, MissingBudget: null, Refusal: null })
            pass.LookAgain(Unfinished);

        await _rollout.DeleteFinishedAsync(pass, plan, cancellationToken).ConfigureAwait(false);

        var budget = limit < wanted ? allocation.LimitOf(pass.Name) ?? outcome.BlockedBy : outcome.BlockedBy;
        return new ScaleResult(
            desired,
            Math.Min(target, limit),
            Math.Min(pass.Spec.Scaling.MaxReplicas, allocation.MostOf(pass.Name)),
            LimitedBy(pass, desired, share, target, budget, queueLimit),
            budget,
            plan is null || plan.IsRollingOut,
            plan?.IsStalled == true,
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

    private async Task<GrantOutcome> GrantAsync(PoolPass pass, PoolPlan? plan, IReadOnlyList<V1Pod> pods, CancellationToken cancellationToken)
    {
        var waiting = pods.Where(pod => pod.IsGated() && !pod.IsDeleting()).ToList();
        if (plan is null || waiting.Count == 0)
            return GrantOutcome.Nothing;
        var limits = plan.Deployments.ToDictionary(
            deployment => deployment.Label(Labels.Revision)!,
            deployment => Math.Min(plan.Rollout.Replicas[deployment.Metadata.Name!], pass.Memory.Drains.ReplicasOf(deployment)),
            StringComparer.Ordinal);
        var budgets = waiting.SelectMany(pod => pod.Charges()?.Keys ?? []).Distinct(StringComparer.Ordinal).ToList();
        var uncharged = plan.Deployments.Where(deployment => deployment.Spec.Template?["metadata"]?["annotations"]?[Labels.Charges]?.ToString() == "{}")
            .Select(deployment => deployment.Label(Labels.Revision)!).ToHashSet(StringComparer.Ordinal);
        var outcome = GrantOutcome.Nothing;
        await pass.AttemptAsync("The pods that wait can't be granted", async () => outcome = await grants.GrantAsync(
            new GrantRequest(pass.Namespace, pass.Name, limits, waiting.Select(pod => pod.Metadata.Uid!).ToHashSet(StringComparer.Ordinal))
            {
                Uncharged = uncharged,
                Budgets = budgets,
                Stopping = pass.Stopping,
            },
            cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        return outcome;
    }

    private static string? LimitedBy(PoolPass pass, int desired, int share, int target, string? budget, string? queueLimit)
    {
        if (pass.Spec.Suspend)
            return "Suspended";
        if (budget is not null)
            return $"ConnectionBudget/{budget}";
        if (target < share)
            return "ScaleUpRate";
        if (queueLimit is not null)
            return queueLimit;
        return desired >= pass.Spec.Scaling.MaxReplicas && desired > pass.Spec.Scaling.MinReplicas ? "MaxReplicas" : null;
    }
}
