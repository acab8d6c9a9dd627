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

    /// <summary>Grants as many waiting pods as limits and budgets allow.</summary>
    public async Task<GrantOutcome> GrantAsync(GrantRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        // (a) of the only budget comes before the list, which is then (b), too.
        var only = request.Budgets is [var one]
            ? await client.GetAsync<V1Alpha1ConnectionBudget>(one, request.Namespace, cancellationToken).ConfigureAwait(false)
            : null;
        var pods = await LivePods.OfPoolsAsync(client, request.Namespace, cancellationToken).ConfigureAwait(false);
        var count = GrantSelection.Choose(pods, request, null).Count;
        if (count == 0)
            return GrantOutcome.Nothing;
        IReadOnlyList<V1Pod> wanted = [.. pods.Where(pod => GrantSelection.Waits(pod, request))];
        string? blockedBy = null;
        string? missing = null;
        var budgets = wanted.SelectMany(pod => pod.Charges()!.Keys).Distinct().Order(StringComparer.Ordinal).ToList();
        if (budgets.Count > 1)
        {
            var rooms = await LookAsync(budgets, pods, request, cancellationToken).ConfigureAwait(false);
            (wanted, blockedBy) = GrantSelection.FitEverywhere(pods, request, rooms);
            missing = budgets.Find(budget => !rooms.ContainsKey(budget));
            blockedBy = wanted.Count < count ? blockedBy : null;
        }

        foreach (var budget in budgets)
        {
            if (wanted.Count == 0)
                break;
            var read = only?.Metadata.Name == budget ? new Reading(only, pods) : null;
            var reservation = await ReserveAsync(budget, read, wanted, request, cancellationToken).ConfigureAwait(false);
            if (reservation is null)
                missing ??= budget;
            if (reservation?.IsShort != false)
                blockedBy ??= budget;
            wanted = reservation?.Pods ?? [.. wanted.Where(pod => !pod.Charges()!.ContainsKey(budget))];
        }

        var granted = 0;
        string? refusal = null;
        foreach (var pod in wanted)
        {
            var ungated = await UngateAsync(pod, cancellationToken).ConfigureAwait(false);
            granted += ungated.Done ? 1 : 0;
            refusal ??= ungated.Refusal;
        }

        return new GrantOutcome(granted, count - granted, blockedBy, missing, refusal);
    }

    /// <summary>
    /// What there is room for in each budget that exists, before anything is written: a reservation in one of a pod that has no room in another
    /// would idle it. Later reads decide.
    /// </summary>
    private async Task<IReadOnlyDictionary<string, GrantRoom>> LookAsync(
        IEnumerable<string> names, IReadOnlyList<V1Pod> listed, GrantRequest request, CancellationToken cancellationToken)
    {
        var rooms = new Dictionary<string, GrantRoom>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var budget = await client.GetAsync<V1Alpha1ConnectionBudget>(name, request.Namespace, cancellationToken).ConfigureAwait(false);
            if (budget is null || budget.IsDeleting())
                continue;
            var pods = await LivePods.WithUnlistedAsync(budget, listed, client, ended, cancellationToken).ConfigureAwait(false);
            var ledger = ConnectionLedger.Settle(budget, pods, uid => ended.Contains(budget, uid), time.GetUtcNow());
            rooms[name] = new GrantRoom(ledger, ConnectionLedger.Usable(budget));
        }

        return rooms;
    }

    /// <summary>The pods that are reserved in the budget, or not charged to it; null where the budget does not exist.</summary>
    /// <param name="read">What was read of it already; null for not yet. It counts for one attempt.</param>
    private async Task<Reservation?> ReserveAsync(
        string name, Reading? read, IReadOnlyList<V1Pod> wanted, GrantRequest request, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            // (a), then (b): a pod that was granted between the two is in the list, one before that is in the budget.
            read ??= await ReadAsync(name, request.Namespace, cancellationToken).ConfigureAwait(false);
            if (read.Budget is not { } budget || budget.IsDeleting())
                return null;
            var pods = await LivePods.WithUnlistedAsync(budget, read.Pods, client, ended, cancellationToken).ConfigureAwait(false);

            // (c)
            var ledger = ConnectionLedger.Settle(budget, pods, uid => ended.Contains(budget, uid), time.GetUtcNow());
            var uids = wanted.Select(pod => pod.Metadata.Uid!).ToHashSet();
            var chosen = GrantSelection.Choose(pods, request with { Candidates = uids }, ledger);
            var (fitting, fresh) = GrantSelection.Fit(chosen, name, ledger, ConnectionLedger.Usable(budget));
            var reservation = new Reservation(fitting, fitting.Count < chosen.Count);
            if (fresh.Count == 0)
                return reservation;

            // (d)
            ledger.WithPending(fresh).WriteTo(budget);
            try
            {
                await client.ReplaceStatusAsync(budget, cancellationToken).ConfigureAwait(false);
                return reservation;
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
            Operation("add", "/metadata/annotations/" + Labels.GrantedAt.Replace("/", "~1", StringComparison.Ordinal), GrantTime.Text(time.GetUtcNow())));
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

    private sealed record Reservation(IReadOnlyList<V1Pod> Pods, bool IsShort);

    private static JsonObject Operation(string op, string path, string? value) => new() { ["op"] = op, ["path"] = path, ["value"] = value };
}
