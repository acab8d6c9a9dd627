using System.Collections.Concurrent;
using System.Net;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Controllers;
using K8sQueue.Operator.Controllers.WorkerPools;
using K8sQueue.Operator.Revisions;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Drains;

/// <summary>
/// Shrinks Deployments by workers that have nothing to do. Each reconciliation looks at what is and takes the next step; nothing is waited for
/// beyond one round of bounded calls. README.md beside this file has the sequence and what it guarantees.
/// </summary>
internal sealed class DrainCoordinator(
    IKubernetesClient client, PoolStores stores, WorkerRounds workers, DrainMetrics metrics, EventPublisher events, TimeProvider time)
{
    // A ReplicaSet is given time to see what was done; longer where nothing comes of it.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(250);
    private const int MostDoublings = 3;
    // Until somebody has done something about it.
    private static readonly TimeSpan Blocked = TimeSpan.FromSeconds(10);
    // About as long as others hold a turn.
    private static readonly TimeSpan TurnComes = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Stale = TimeSpan.FromMilliseconds(500);
    // The request is given up then, while the worker still fetches no more.
    private static readonly TimeSpan RequestEnds = WorkerRounds.Quiesced - TimeSpan.FromSeconds(10);

    private readonly Withdrawals _withdrawals = new(client);

    /// <summary>Takes the next step towards that size; takes workers back where nobody has to go any more.</summary>
    public async Task TendAsync(PoolPass pass, V1Deployment deployment, int wanted, int? maxPerMinute, CancellationToken cancellationToken)
    {
        var site = new DrainSite(pass, deployment, ManagementPort.Of(deployment.Spec.Template), time.GetUtcNow(), workers.Clock);
        var pods = stores.PodsOf(pass.Pool)
            .Where(pod => pod.Label(Labels.Revision) == deployment.Label(Labels.Revision) && pod.IsActive() && !site.Memory.IsDeleted(pod.Metadata.Uid!)
                && !site.Memory.IsExpected(pod.Metadata.Uid!, deployment, site.Now))
            .ToDictionary(pod => pod.Metadata.Uid!, StringComparer.Ordinal);
        await ResumeOwedAsync(site, pods.Values, cancellationToken).ConfigureAwait(false);
        var shrinks = deployment.Spec.Replicas > wanted;
        if (!shrinks)
            await _withdrawals.TakeBackAsync(site, pods, cancellationToken).ConfigureAwait(false);
        if (!shrinks && !pods.Keys.Any(site.Memory.IsDraining))
        {
            site.Memory.Report(deployment, null);
            return;
        }

        var round = new DrainRound(
            pass.Spec.Drain.TakesIdleOnly,
            site.Port is not null,
            wanted,
            MostRemovals(site, maxPerMinute),
            TimeSpan.FromSeconds(pass.Spec.Drain.TimeoutSeconds),
            site.Now,
            [.. pods.Values.Select(pod => CandidateOf(pod, site))])
        {
            IsGated = site.IsGated,
            Clock = site.Clock,
        };
        using var turn = workers.TryTakeTurn(round);
        if (turn is null)
        {
            pass.LookAgain(TurnComes);
            return;
        }

        round = await workers.SurveyAsync(site, round, pods, cancellationToken).ConfigureAwait(false);
        // Not all were heard, and what follows is the next leader's to decide.
        if (pass.Stopping.IsCancellationRequested)
            return;
        var selection = DrainSelection.Of(round);
        await TakeBackAsync(site, selection.Resumed, pods, isLate: false, cancellationToken).ConfigureAwait(false);
        await TakeBackAsync(site, selection.TimedOut, pods, isLate: true, cancellationToken).ConfigureAwait(false);
        if (!shrinks)
        {
            site.Memory.Report(deployment, null);
            return;
        }

        if (maxPerMinute is not null && round.Needed < round.Surplus)
            pass.LookAgain(site.Memory.NextAllowance(site.Now));
        round = await workers.QuiesceAsync(site, round, selection.Victims, pods, cancellationToken).ConfigureAwait(false);
        if (pass.Stopping.IsCancellationRequested)
            return;
        var chosen = round.Pods.Where(pod => selection.Victims.Any(victim => victim.Uid == pod.Uid)).ToList();
        await MarkAsync(site, chosen, pods, cancellationToken).ConfigureAwait(false);
        await ReportAsync(site, round, cancellationToken).ConfigureAwait(false);
        var going = chosen.Select(pod => (Pod: pod, Verdict: DrainVerdicts.Of(pod, round))).Where(item => item.Verdict != DrainVerdict.Wait).ToList();
        if (going.Count > 0 || round.Pods.Any(pod => pod.Stage == PodStage.Empty) || deployment.Spec.Replicas > pods.Count)
            pass.LookAgain(await RemoveAsync(site, wanted, going, cancellationToken).ConfigureAwait(false));
        pass.LookAgain(AnswerPace.NextLook(round with { Clock = workers.Clock }));
    }

    private static int MostRemovals(DrainSite site, int? maxPerMinute) =>
        maxPerMinute is { } most ? Math.Max(0, most - site.Memory.RemovedWithinMinute(site.Now)) : int.MaxValue;

    private static DrainCandidate CandidateOf(V1Pod pod, DrainSite site)
    {
        var (uid, instance) = (pod.Metadata.Uid!, WorkerInstance.Of(pod));
        var drainingSince = site.Memory.DrainingSince(uid);
        var heard = site.Memory.Answers.Of(uid, instance);
        var holds = heard is not null && AnswerPace.Holds(heard, drainingSince is not null, site.Pass.Spec.Drain.TakesIdleOnly, site.Clock);
        return new(
            uid, pod.Metadata.Name!, PodStages.Of(pod, site.IsExact), pod.IsReady(), pod.Metadata.CreationTimestamp ?? site.Now, drainingSince,
            site.Memory.SparedAt(uid), holds ? heard!.Answer : null)
        {
            Heard = heard,
            Instance = instance,
            IsLongUnready = BootHang.IsLongUnready(pod, TimeSpan.FromSeconds(site.Pass.Spec.Drain.TimeoutSeconds), site.Now),
            DeletionCost = pod.OwnDeletionCost(),
        };
    }

    private async Task TakeBackAsync(
        DrainSite site, IReadOnlyList<DrainCandidate> candidates, Dictionary<string, V1Pod> pods, bool isLate, CancellationToken cancellationToken)
    {
        if (candidates.Count == 0)
            return;
        // The mark goes first: a deletion that is still under way was for the pod as it was with it, and fails now.
        var unmarked = await PatchAsync(site, candidates.Select(candidate => pods[candidate.Uid]), DrainAnnotations.Unmark, cancellationToken)
            .ConfigureAwait(false);
        var free = candidates.Where(candidate => unmarked.ContainsKey(candidate.Uid)).ToList();
        var fetching = await workers.ResumeAsync(site, [.. free.Select(candidate => unmarked[candidate.Uid])], cancellationToken).ConfigureAwait(false);
        foreach (var candidate in free)
        {
            if (site.Port is not null && !fetching.Contains(unmarked[candidate.Uid]))
                Owe(site, candidate);
            site.Memory.Release(candidate.Uid, site.Now, isLate);
            metrics.Drained(site.Key, isLate ? DrainMetrics.Outcomes.TimedOut : DrainMetrics.Outcomes.Resumed);
            if (isLate)
                await TellLateAsync(site, candidate, "and is taken back; others are tried", cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Told right before a deletion that failed, it may be quiet for long.</summary>
    private static void Owe(DrainSite site, DrainCandidate candidate)
    {
        site.Memory.Owe(candidate.Uid, candidate.Heard?.QuietUntil ?? site.Clock + WorkerRounds.Quiesced);
        site.Pass.LookAgain(AnswerPace.Shortest);
    }

    private async Task ResumeOwedAsync(DrainSite site, IEnumerable<V1Pod> pods, CancellationToken cancellationToken)
    {
        // One that is marked again was chosen by another leader since, or the cache is late.
        var owed = pods.Where(pod => site.Memory.IsOwed(pod.Metadata.Uid!, site.Clock) && pod.DrainingSince() is null).ToList();
        if (owed.Count == 0)
            return;
        foreach (var pod in await workers.ResumeAsync(site, owed, cancellationToken).ConfigureAwait(false))
            site.Memory.Settle(pod.Metadata.Uid!);
        if (owed.Exists(pod => site.Memory.IsOwed(pod.Metadata.Uid!, site.Clock)))
            site.Pass.LookAgain(AnswerPace.Shortest);
    }

    private Task TellLateAsync(DrainSite site, DrainCandidate candidate, string what, CancellationToken cancellationToken) => events(
        site.Pass.Pool,
        Reasons.DrainTimedOut,
        FormattableString.Invariant(
            $"Pod {candidate.Name} is not idle after {site.Pass.Spec.Drain.TimeoutSeconds} s (jobs in flight: {candidate.InFlight}) {what}. ")
            + "Raise drain.timeoutSeconds if jobs take longer, or look at what it runs.",
        EventType.Warning,
        cancellationToken);

    private async Task MarkAsync(DrainSite site, IReadOnlyList<DrainCandidate> chosen, Dictionary<string, V1Pod> pods, CancellationToken cancellationToken)
    {
        foreach (var candidate in chosen)
            site.Memory.Choose(candidate.Uid, site.Now);
        await PatchAsync(
            site,
            chosen.Select(candidate => pods[candidate.Uid]).Where(pod => pod.DrainingSince() is null),
            pod => DrainAnnotations.Mark(pod, site.Memory.DrainingSince(pod.Metadata.Uid!)!.Value),
            cancellationToken).ConfigureAwait(false);
    }

    /// <returns>Those that were patched, by UID, as they are now.</returns>
    private async Task<IReadOnlyDictionary<string, V1Pod>> PatchAsync(
        DrainSite site, IEnumerable<V1Pod> pods, Func<V1Pod, KubernetesPatch> patch, CancellationToken cancellationToken)
    {
        var patched = new ConcurrentDictionary<string, V1Pod>(StringComparer.Ordinal);
        await PodCalls.RunAsync(site.Pass, [.. pods], "can't be annotated", async (pod, token) =>
            patched[pod.Metadata.Uid!] = await client.PatchAsync<V1Pod>(pod.Metadata.Name!, site.Pass.Namespace, patch(pod), null, token).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
        return patched;
    }

    /// <summary>What keeps a scale-in waiting, for the status.</summary>
    private async Task ReportAsync(DrainSite site, DrainRound round, CancellationToken cancellationToken)
    {
        var waits = DrainWaits.Of(round);
        site.Memory.Report(site.Deployment, waits);
        foreach (var late in round.Pods.Where(pod => waits?.Late.ContainsKey(pod.Uid) == true && site.Memory.ReportLate(pod.Uid)))
            await TellLateAsync(site, late, "and is still waited for, since all of its kind have to go", cancellationToken).ConfigureAwait(false);
    }

    private static void ReportTemplate(DrainSite site)
    {
        var name = site.Deployment.Metadata.Name;
        site.Pass.Report(
            Reasons.TemplateChanged,
            $"Somebody changed the template of the Deployment '{name}' (kubectl rollout restart?), so it has pods of two, and is not made smaller: "
            + $"'kubectl rollout undo deployment {name}'. To restart the workers, change spec.template.");
    }

    /// <summary>Lowers the replicas as far as nothing goes that may not, or else deletes the pods that may: by what is live.</summary>
    /// <returns>When to look again.</returns>
    private async Task<TimeSpan> RemoveAsync(
        DrainSite site, int wanted, List<(DrainCandidate Pod, DrainVerdict Verdict)> going, CancellationToken cancellationToken)
    {
        var live = await LiveReplicas.ReadAsync(client, site.Deployment, cancellationToken).ConfigureAwait(false);
        if (live?.HasPodsOfTwoTemplates == true && live.Replicas > wanted)
        {
            ReportTemplate(site);
            return Blocked;
        }

        var isDone = live?.Replicas > wanted && await RemoveAsync(site, live, wanted, going, cancellationToken).ConfigureAwait(false);
        return Settling * (1 << Math.Clamp(site.Memory.CountFruitless(site.Deployment, !isDone) - 1, 0, MostDoublings));
    }

    private async Task<bool> RemoveAsync(
        DrainSite site, LiveReplicas live, int wanted, List<(DrainCandidate Pod, DrainVerdict Verdict)> going, CancellationToken cancellationToken)
    {
        var byUid = going.ToDictionary(item => item.Pod.Uid, StringComparer.Ordinal);
        // An unready pod stands between the chosen ones and their removal, and is not waited for without end where busy ones may go.
        var takesUnready = !site.Pass.Spec.Drain.TakesIdleOnly && going.Exists(item => item.Pod.DrainingSince + DrainVerdicts.Patience <= site.Now);
        var lowered = live.Lowered(wanted, pod => PodStages.Of(pod, site.IsExact) == PodStage.Empty
            || (!site.IsGated && (IsAsChosen(pod) || (takesUnready && !pod.IsReady()))));
        if (lowered < live.Replicas)
        {
            if (site.Pass.Spec.Drain.TakesIdleOnly && !await _withdrawals.MakeAsync(site, live, cancellationToken).ConfigureAwait(false))
                return false;
            var isLowered = await LowerAsync(site, live, lowered, cancellationToken).ConfigureAwait(false);
            if (isLowered && !site.IsGated)
                ExpectLowered(site, live, lowered, going);
            return isLowered;
        }

        // A gate keeps the replacement from starting, so deletions need not wait for the ReplicaSet. Without one it would take jobs: only lowering is exact.
        if (!site.IsGated || !live.NothingIsLeftToRemove)
            return false;
        var surplus = live.Pods.Count(pod => PodStages.Of(pod, site.IsExact) != PodStage.Empty) - wanted;
        var next = live.Pods.Where(IsAsChosen)
            .OrderBy(pod => byUid[pod.Metadata.Uid!].Verdict == DrainVerdict.RemoveIdle ? 0 : 1)
            .Take(Math.Max(0, surplus));
        var deleted = await DeleteAsync(site, [.. next], byUid, cancellationToken).ConfigureAwait(false);
        foreach (var uid in deleted)
        {
            site.Memory.Delete(uid, site.Now);
            Count(site.Key, byUid[uid].Verdict);
        }

        return deleted.Count > 0;

        // One that was started since, or whose mark is not there, is looked at again, and so is one whose answer is too old.
        bool IsAsChosen(V1Pod pod) => pod.DrainingSince() is not null && byUid.TryGetValue(pod.Metadata.Uid!, out var item)
            && PodStages.Of(pod, site.IsExact) == item.Pod.Stage && WorkerInstance.Of(pod) == item.Pod.Instance
            && (!item.Pod.HangsAtBoot || BootHang.IsLongUnready(pod, TimeSpan.Zero, site.Now))
            && AgeOf(site, item.Pod) <= AnswerPace.ActsFor;
    }

    /// <summary>
    /// These very pods, as they were read: one that was started since, restarted, or taken back is looked at again. What became of a request that is
    /// given up is not known; its worker stays chosen, and is called again in its turn.
    /// </summary>
    private async Task<IReadOnlyList<string>> DeleteAsync(
        DrainSite site, IReadOnlyList<V1Pod> pods, Dictionary<string, (DrainCandidate Pod, DrainVerdict Verdict)> chosen, CancellationToken cancellationToken)
    {
        if (pods.Count == 0)
            return [];
        using var bound = new CancellationTokenSource(RequestEnds - pods.Max(pod => AgeOf(site, chosen[pod.Metadata.Uid!].Pod)), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        var deleted = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        var held = new ConcurrentDictionary<string, HeldWorker>(StringComparer.Ordinal);
        await PodCalls.RunAsync(site.Pass, pods, "can't be deleted", async (pod, token) =>
        {
            try
            {
                var candidate = chosen[pod.Metadata.Uid!].Pod;
                if (AgeOf(site, candidate) <= AnswerPace.ActsFor && await IsBorneOutAsync(site, pod, candidate, held, token).ConfigureAwait(false))
                {
                    var options = new DeleteOptions { Uid = pod.Metadata.Uid, ResourceVersion = pod.Metadata.ResourceVersion };
                    await client.DeleteAsync<V1Pod>(pod.Metadata.Name!, pod.Metadata.Namespace, options, token).ConfigureAwait(false);
                    deleted[pod.Metadata.Uid!] = true;
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
            }
        }, either.Token).ConfigureAwait(false);
        foreach (var (uid, (answer, at, toldFor)) in held)
            site.Memory.Answers.Take(uid, chosen[uid].Pod.Instance, answer, at, toldFor);
        return [.. pods.Select(pod => pod.Metadata.Uid!).Where(deleted.ContainsKey)];
    }

    /// <summary>How old that is by which it goes: what nobody answered is as old as the round.</summary>
    private TimeSpan AgeOf(DrainSite site, DrainCandidate candidate) =>
        workers.Clock - (candidate is { Answer: not null, Heard: { } heard } ? heard.At : site.Clock);

    private async Task<bool> IsBorneOutAsync(
        DrainSite site, V1Pod pod, DrainCandidate candidate, ConcurrentDictionary<string, HeldWorker> held, CancellationToken cancellationToken)
    {
        if (!candidate.IsConfirmedIdle)
            return true;
        var said = await workers.HoldAsync(site, pod, cancellationToken).ConfigureAwait(false);
        if (said is not null)
            held[candidate.Uid] = said;
        return DrainVerdicts.BearsOut(candidate, said?.Answer);
    }

    /// <summary>Takes in what became of the pool's pods since the last pass.</summary>
    public void Observe(PoolPass pass)
    {
        var (pods, now) = (stores.PodsOf(pass.Pool), time.GetUtcNow());
        foreach (var verdict in pass.Memory.Drains.Observe(pods, now))
            Count(new NamespacedName(pass.Namespace, pass.Name), verdict);
        pass.LookAgain(pass.Memory.Drains.NextTakeUp(pods, now));
    }

    private void Count(NamespacedName pool, DrainVerdict verdict) =>
        metrics.Drained(pool, verdict == DrainVerdict.RemoveIdle ? DrainMetrics.Outcomes.Idle : DrainMetrics.Outcomes.Sigterm);

    /// <summary>Which of them the ReplicaSet takes is its own choice: the others are looked at again when it has.</summary>
    private static void ExpectLowered(DrainSite site, LiveReplicas live, int lowered, List<(DrainCandidate Pod, DrainVerdict Verdict)> going)
    {
        var empty = live.Pods.Count(pod => PodStages.Of(pod, site.IsExact) == PodStage.Empty);
        site.Memory.CountRemovals(Math.Max(0, live.Pods.Count - lowered - empty), site.Now);
        foreach (var (pod, verdict) in going)
            site.Memory.Expect(pod.Uid, verdict, site.Now);
    }

    /// <summary>Only as it was read: what another leader, or the ReplicaSet, has changed since is looked at first.</summary>
    private async Task<bool> LowerAsync(DrainSite site, LiveReplicas live, int replicas, CancellationToken cancellationToken)
    {
        var patch = ReplicaPatch.Lower(live.Deployment, replicas);
        var done = false;
        await site.Pass.AttemptAsync($"The Deployment '{live.Deployment.Metadata.Name}' can't be resized", async () =>
        {
            try
            {
                var changed = await client.PatchAsync<V1Deployment>(live.Deployment.Metadata.Name!, site.Pass.Namespace, patch, null, cancellationToken)
                    .ConfigureAwait(false);
                done = true;
                site.Memory.Lower(changed);
            }
            catch (KubernetesApiException e) when (e.StatusCode == HttpStatusCode.UnprocessableEntity)
            {
                site.Pass.LookAgain(Stale);
            }
        }).ConfigureAwait(false);
        return done;
    }
}
