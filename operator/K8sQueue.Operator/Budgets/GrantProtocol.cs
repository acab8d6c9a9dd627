using System.Net;
using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Budgets;

/// <summary>
/// Takes the gate off pods, within every budget that they are charged to: the one place where connections are granted. Safe against stale
/// caches, other leaders, and a crash between any two steps; README.md beside this file says why.
/// </summary>
public sealed class GrantProtocol(IKubernetesClient client, EndedPods ended, TimeProvider time)
{
    private const int MaxAttempts = 5;

    // From the first read to the last gate: with the time that a request may be under way, far less than a budget that is deleted waits for.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);

    /// <summary>Grants as many waiting pods as limits and budgets allow.</summary>
    public async Task<GrantOutcome> GrantAsync(GrantRequest request, CancellationToken cancellationToken)
    {
        var reserved = await ReserveAsync([request], cancellationToken).ConfigureAwait(false);
        return await UngateAsync(reserved[0], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Reserves for several pools at once, in their order: what is read and written is read and written once for all of them.
    /// </summary>
    /// <param name="requests">Of different pools of one namespace, with the same budgets.</param>
    /// <param name="cancellationToken">Ends the calls.</param>
    internal async Task<IReadOnlyList<PoolReservation>> ReserveAsync(IReadOnlyList<GrantRequest> requests, CancellationToken cancellationToken)
    {
        var (first, startedAt) = (requests[0], time.GetTimestamp());
        // (a) of the only budget comes before the list, which is then (b), too.
        var only = first.Budgets is [var one]
            ? await client.GetAsync<V1Alpha1ConnectionBudget>(one, first.Namespace, cancellationToken).ConfigureAwait(false)
            : null;
        var pods = await LivePods.OfPoolsAsync(client, first.Namespace, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<PoolReservation> pools = [.. requests.Select(request => new PoolReservation(request, pods) { StartedAt = startedAt })];
        var budgets = pools.SelectMany(pool => pool.Budgets).Distinct().Order(StringComparer.Ordinal).ToList();
        if (budgets.Count > 1)
        {
            var rooms = await LookAsync(budgets, pods, first.Namespace, cancellationToken).ConfigureAwait(false);
            foreach (var pool in pools)
                pool.FitEverywhere(pods, rooms);
        }

        foreach (var budget in budgets)
        {
            var charged = pools.Where(pool => pool.Wanted.Count > 0 && pool.Budgets.Contains(budget)).ToList();
            if (charged.Count == 0)
                continue;
            var read = only?.Metadata.Name == budget ? new Reading(only, pods) : null;
            var found = await ReserveAsync(budget, read, charged, first.Namespace, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < charged.Count; i++)
                charged[i].Take(budget, found?[i]);
        }

        return pools;
    }

    /// <summary>Takes the gate off what was reserved.</summary>
    internal async Task<GrantOutcome> UngateAsync(PoolReservation pool, CancellationToken cancellationToken)
    {
        var granted = 0;
        string? refusal = null;
        foreach (var pod in pool.Wanted)
        {
            // What was read long ago may be gone, reservation and all. What is reserved is taken up again, after a stop by the next leader.
            if (time.GetElapsedTime(pool.StartedAt) > Longest || pool.Request.Stopping.IsCancellationRequested)
                break;
            var ungated = await UngateAsync(pod, cancellationToken).ConfigureAwait(false);
            granted += ungated.Done ? 1 : 0;
            refusal ??= ungated.Refusal;
        }

        return new GrantOutcome(granted, pool.Count - granted, pool.BlockedBy, pool.Missing, refusal);
    }

    /// <summary>
    /// What there is room for in each budget that exists, before anything is written: a reservation in one of a pod that has no room in another
    /// would idle it. Later reads decide.
    /// </summary>
    private async Task<IReadOnlyDictionary<string, GrantRoom>> LookAsync(
        IEnumerable<string> names, IReadOnlyList<V1Pod> listed, string @namespace, CancellationToken cancellationToken)
    {
        var rooms = new Dictionary<string, GrantRoom>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var budget = await client.GetAsync<V1Alpha1ConnectionBudget>(name, @namespace, cancellationToken).ConfigureAwait(false);
            if (budget is null || budget.IsDeleting())
                continue;
            var pods = await LivePods.WithUnlistedAsync(budget, listed, client, ended, cancellationToken).ConfigureAwait(false);
            var ledger = ConnectionLedger.Settle(budget, pods, uid => ended.Contains(budget, uid), time.GetUtcNow());
            rooms[name] = new GrantRoom(ledger, ConnectionLedger.Usable(budget));
        }

        return rooms;
    }

    /// <summary>For each pool its pods that are reserved in the budget, or not charged to it; null where the budget does not exist.</summary>
    /// <param name="read">What was read of it already; null for not yet. It counts for one attempt.</param>
    private async Task<IReadOnlyList<Reservation>?> ReserveAsync(
        string name, Reading? read, IReadOnlyList<PoolReservation> pools, string @namespace, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            // (a), then (b): a pod that was granted between the two is in the list, one before that is in the budget.
            read ??= await ReadAsync(name, @namespace, cancellationToken).ConfigureAwait(false);
            if (read.Budget is not { } budget || budget.IsDeleting())
                return null;
            var pods = await LivePods.WithUnlistedAsync(budget, read.Pods, client, ended, cancellationToken).ConfigureAwait(false);

            // (c): what one pool reserves is pending to the next.
            var settled = ConnectionLedger.Settle(budget, pods, uid => ended.Contains(budget, uid), time.GetUtcNow());
            var (ledger, reservations) = (settled, new List<Reservation>());
            foreach (var pool in pools)
            {
                var uids = pool.Wanted.Select(pod => pod.Metadata.Uid!).ToHashSet();
                var chosen = GrantSelection.Choose(pods, pool.Request with { Candidates = uids }, ledger);
                var (fitting, fresh) = GrantSelection.Fit(chosen, name, ledger, ConnectionLedger.Usable(budget));
                reservations.Add(new Reservation(fitting, fitting.Count < chosen.Count));
                ledger = fresh.Count == 0 ? ledger : ledger.WithPending(fresh);
            }

            if (ledger == settled)
                return reservations;

            // (d)
            ledger.WriteTo(budget);
            try
            {
                await client.ReplaceStatusAsync(budget, cancellationToken).ConfigureAwait(false);
                return reservations;
            }
            catch (KubernetesApiException e) when (e.IsConflict && attempt < MaxAttempts)
            {
                // Somebody else wrote the budget: everything is read again.
                read = null;
            }
        }
    }

    /// <summary>(a), (b)</summary>
    private async Task<Reading> ReadAsync(string name, string @namespace, CancellationToken cancellationToken)
    {
        var budget = await client.GetAsync<V1Alpha1ConnectionBudget>(name, @namespace, cancellationToken).ConfigureAwait(false);
        return new Reading(budget, budget is null ? [] : await LivePods.OfPoolsAsync(client, @namespace, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>(e): only this very pod, and only as it was read.</summary>
    private async Task<(bool Done, string? Refusal)> UngateAsync(V1Pod pod, CancellationToken cancellationToken)
    {
        var index = pod.Spec.SchedulingGates!.FindIndex(gate => gate.Name == Labels.ConnectionsGate);
        var patch = new JsonArray(
            Operation("test", "/metadata/uid", pod.Metadata.Uid),
            Operation("test", "/metadata/resourceVersion", pod.Metadata.ResourceVersion),
            Operation("test", $"/spec/schedulingGates/{index}/name", Labels.ConnectionsGate),
            new JsonObject { ["op"] = "remove", ["path"] = $"/spec/schedulingGates/{index}" },
            Operation("add", "/metadata/annotations/" + Labels.GrantedAt.Replace("/", "~1", StringComparison.Ordinal), AnnotationTime.Text(time.GetUtcNow())));
        try
        {
            await client.PatchAsync<V1Pod>(
                pod.Metadata.Name!, pod.Metadata.Namespace, new KubernetesPatch(patch, KubernetesPatch.JsonPatch), null, cancellationToken)
                .ConfigureAwait(false);
            return (true, null);
        }
        catch (KubernetesApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // It changed or went: it stays pending until a live read shows what became of it.
            return (false, null);
        }
        catch (KubernetesApiException e) when (e.StatusCode is HttpStatusCode.UnprocessableEntity or HttpStatusCode.Forbidden)
        {
            // A test that failed, since the pod changed; where it did not, somebody does not let us.
            var live = await client.GetAsync<V1Pod>(pod.Metadata.Name!, pod.Metadata.Namespace, cancellationToken).ConfigureAwait(false);
            var isSame = live?.Metadata.Uid == pod.Metadata.Uid && live?.Metadata.ResourceVersion == pod.Metadata.ResourceVersion;
            return (false, isSame ? e.Message : null);
        }
    }

    /// <param name="Pods">Listed after the budget was read.</param>
    private sealed record Reading(V1Alpha1ConnectionBudget? Budget, IReadOnlyList<V1Pod> Pods);

    private static JsonObject Operation(string op, string path, string? value) => new() { ["op"] = op, ["path"] = path, ["value"] = value };
}
