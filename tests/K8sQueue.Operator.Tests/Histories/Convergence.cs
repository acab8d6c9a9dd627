using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Revisions;
using K8sQueue.Operator.Scaling;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Tests.Histories;

/// <summary>The end of a history: faults cease, and everything comes to what the demand and the budgets say, and stays there without a write.</summary>
internal sealed class Convergence(History history)
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(12);

    /// <summary>What is only shown is written a little later than what counts.</summary>
    private static readonly TimeSpan Trailing = TimeSpan.FromSeconds(15);

    private readonly Dictionary<string, int> _demands = new(StringComparer.Ordinal);

    public void Run()
    {
        history.Calm();
        history.Users.Repair();
        foreach (var pool in history.Keda.Pools)
            _demands[pool.Metadata.Name!] = history.Cluster.Chance(3) ? 0 : history.Cluster.Random.Next(1, 7);
        var end = history.Time.GetUtcNow() + Bound;
        string? problem = "";
        while (problem is not null)
        {
            if (history.Time.GetUtcNow() > end)
                throw new InvalidOperationException($"Not converged after {Bound.TotalMinutes} minutes: {problem}");
            history.Users.Repair();
            Ask();
            history.Settle();
            problem = FirstProblem();
            if (problem is not null)
                PassToNextDue(TimeSpan.FromSeconds(10));
        }

        PassFor(Trailing);
        var writes = history.Api.Writes;
        PassFor(Rest);
        if (history.Api.Writes != writes)
            throw new InvalidOperationException($"{history.Api.Writes - writes} writes after everything had converged.");
        if (FirstProblem() is { } later)
            throw new InvalidOperationException($"Converged, and then: {later}");
        Replace();
    }

    /// <summary>
    /// kubectl replace with a manifest that leaves the replicas out: zero, at which the HPA stops, KEDA writes one, and the HPA climbs back. No
    /// worker goes for it, though the operator may be killed in the middle.
    /// </summary>
    private void Replace()
    {
        var sigterms = history.Kubelets.Sigterms;
        foreach (var step in new[] { 0, 1, 2, 4, int.MaxValue })
        {
            foreach (var (pool, demand) in _demands.Where(demand => demand.Value > 0))
                history.Keda.Ask(pool, Math.Min(step, demand), says: step > 0);
            if (history.Cluster.Chance(8))
                history.Calm();
            history.Settle();
            history.Pass(TimeSpan.FromSeconds(history.Cluster.Random.Next(1, 12)));
            history.Settle();
        }

        if (history.Kubelets.Sigterms != sigterms)
            throw new InvalidOperationException($"{history.Kubelets.Sigterms - sigterms} workers went since somebody replaced their pool by its manifest.");
    }

    private void PassFor(TimeSpan time)
    {
        for (var end = history.Time.GetUtcNow() + time; history.Time.GetUtcNow() < end;)
        {
            PassToNextDue(time);
            history.Settle();
        }
    }

    private void Ask()
    {
        foreach (var (pool, demand) in _demands)
            history.Keda.Ask(pool, demand);
    }

    private void PassToNextDue(TimeSpan most)
    {
        var now = history.Time.GetUtcNow();
        var due = history.Operators.SelectMany(one => one.Loops).Select(loop => loop.NextDue).Where(time => time > now).Min() ?? now + most;
        var wait = due - now < most ? due - now : most;
        history.Pass(wait < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : wait);
    }

    private string? FirstProblem()
    {
        var pools = history.Keda.Pools;
        var budgets = history.Api.Of<V1Alpha1ConnectionBudget>().All;
        var usable = budgets.ToDictionary(budget => budget.Metadata.Name!, budget => Math.Max(0, ConnectionLedger.Usable(budget)), StringComparer.Ordinal);
        var claims = pools.Select(pool => ClaimOf(pool, WantedOf(pool))).ToList();
        var shares = ReplicaAllocator.Allocate(claims, usable);
        if (pools.FirstOrDefault(pool => KeepsAnOldRevision(pool, shares.GetValueOrDefault(pool.Metadata.Name!))) is { } served)
        {
            history.Users.MakeRoom();
            return $"The pool {served.Metadata.Name} is served by an old revision: nothing of the new one fits beside the others.";
        }

        return pools.Select(pool => ProblemOf(pool, shares[pool.Metadata.Name!])).FirstOrDefault(problem => problem is not null)
            ?? budgets.Select(ProblemOf).FirstOrDefault(problem => problem is not null)
            ?? Leftovers(pools);
    }

    private int WantedOf(V1Alpha1WorkerPool pool) =>
        pool.Spec.Suspend ? 0 : Math.Clamp(_demands[pool.Metadata.Name!], pool.Spec.Scaling.MinReplicas, Math.Max(pool.Spec.Scaling.MinReplicas, pool.Spec.Scaling.MaxReplicas));

    private static PoolClaim ClaimOf(V1Alpha1WorkerPool pool, int wanted) => new(
        pool.Metadata.Name!, Math.Min(wanted, pool.Spec.Scaling.MinReplicas), wanted,
        [.. (pool.Spec.Connections ?? []).Select(connection => new BudgetShare(connection.Budget, connection.PerReplica, connection.Weight))]);

    /// <summary>It serves by what the new one would need, and others may wait for that.</summary>
    private bool KeepsAnOldRevision(V1Alpha1WorkerPool pool, int share)
    {
        var revision = RevisionHash.Of(pool.Spec);
        return share == 0 && WantedOf(pool) > 0 && PodsOf(pool).Exists(pod => pod.Label(Labels.Revision) != revision);
    }

    private string? ProblemOf(V1Alpha1WorkerPool pool, int share)
    {
        var name = pool.Metadata.Name!;
        if (pool.IsDeleting())
            return $"The pool {name} does not go.";
        var pods = PodsOf(pool);
        var revision = RevisionHash.Of(pool.Spec);
        if (pods.Count(pod => !pod.IsGated() && !pod.IsDeleting() && PodCounts.IsReady(pod)) != share || pods.Count != share)
            return $"The pool {name} has {pods.Count} pods ({pods.Count(PodCounts.IsReady)} ready, {pods.Count(pod => pod.IsGated())} gated), and its share is {share}.";
        if (pods.FirstOrDefault(pod => pod.Label(Labels.Revision) != revision) is { } old)
            return $"The pod {old.Metadata.Name} is of an old revision.";
        if (pods.FirstOrDefault(pod => pod.DrainingSince() is not null || pod.IsWithdrawn()) is { } marked)
            return $"The pod {marked.Metadata.Name} is still marked to go.";
        if (history.Workloads.Deployments.Where(deployment => deployment.IsControlledBy(pool)).Sum(deployment => deployment.Spec.Replicas) != share)
            return $"The Deployments of {name} don't ask for {share} pods.";
        return StatusProblem(pool, share);
    }

    private string? StatusProblem(V1Alpha1WorkerPool pool, int share)
    {
        var name = pool.Metadata.Name!;
        if (pool.Status is not { } status)
            return $"The pool {name} has no status.";
        var isLimited = share < WantedOf(pool);
        if (status.ObservedGeneration != pool.Metadata.Generation)
            return $"The status of {name} is of an old generation.";
        if (status.DesiredReplicas != Math.Max(_demands[name], pool.Spec.Scaling.MinReplicas))
            return $"The status of {name} says that {status.DesiredReplicas} are desired; {_demands[name]} are.";
        if (status.ReadyReplicas != share || status.UpdatedReplicas != share || status.Replicas != share || status.WaitingReplicas + status.DrainingReplicas != 0)
            return $"The status of {name} says {status.Replicas} replicas, {status.ReadyReplicas} ready, {status.WaitingReplicas} waiting; it has {share}.";
        if (status.Conditions.IsTrue(Conditions.CapacityLimited) != isLimited)
            return $"CapacityLimited of {name} is wrong: it wants {WantedOf(pool)} and has {share}.";
        if (!isLimited && !status.Conditions.IsTrue(Conditions.Ready) && !IsMisconfigured(pool))
            return $"{name} is not Ready: {status.Conditions.Find(Conditions.Ready)?.Message}";
        return status.Conditions.IsTrue(Conditions.Progressing) ? $"{name} still progresses: {status.Conditions.Find(Conditions.Progressing)?.Message}" : null;
    }

    private static bool IsMisconfigured(V1Alpha1WorkerPool pool) =>
        pool.Status?.Conditions.Find(Conditions.Ready)?.Reason is Reasons.MinimumsOverCapacity or Reasons.ReplicaOverCapacity;

    private string? ProblemOf(V1Alpha1ConnectionBudget budget)
    {
        var name = budget.Metadata.Name!;
        if (budget.IsDeleting())
            return $"The budget {name} does not go.";
        if (budget.Status is not { } status)
            return $"The budget {name} has no status.";
        var holding = history.Api.Of<V1Pod>().All.Where(pod => !pod.IsGated() && pod.Charges()?.ContainsKey(name) == true).ToList();
        if (status.Pending is not null || status.Held is not null)
            return $"The budget {name} still has pods pending ({status.Pending?.Count}) or held ({status.Held?.Count}).";
        if (!(status.Granted ?? []).Select(holder => holder.Uid).Order().SequenceEqual(holding.Select(pod => pod.Metadata.Uid!).Order()))
            return $"The budget {name} shows {status.Granted?.Count ?? 0} pods; there are {holding.Count}.";
        if (status.InUse != holding.Sum(pod => pod.Charges()![name]) || status.ObservedGeneration != budget.Metadata.Generation)
            return $"The budget {name} says {status.InUse} connections in use, of generation {status.ObservedGeneration}.";
        return status.Conditions.IsTrue(Conditions.Ready) ? null : $"The budget {name} is not Ready: {status.Conditions.Find(Conditions.Ready)?.Message}";
    }

    private string? Leftovers(IReadOnlyList<V1Alpha1WorkerPool> pools)
    {
        var names = pools.Select(pool => pool.Metadata.Name).ToHashSet();
        return history.Api.Of<V1Pod>().All.FirstOrDefault(pod => !names.Contains(pod.Label(Labels.Pool))) is { } pod
            ? $"The pod {pod.Metadata.Name} is nobody's."
            : null;
    }

    private List<V1Pod> PodsOf(V1Alpha1WorkerPool pool) => [.. history.Api.Of<V1Pod>().All.Where(pod => pod.Label(Labels.Pool) == pool.Metadata.Name)];
}
