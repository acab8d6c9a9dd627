using System.Collections.Concurrent;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Drains;

/// <summary>Rounds of calls to workers: in parallel, and bounded in number and time.</summary>
internal sealed class WorkerRounds(IWorkerManagement management, TimeProvider time)
{
    /// <summary>How long a worker stays quiesced unless told again: an operator that crashed leaves none behind.</summary>
    public static readonly TimeSpan Quiesced = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan HoldMargin = TimeSpan.FromMinutes(1);

    // What a worker takes: docs/reference/worker.md.
    private static readonly TimeSpan MostQuiesced = TimeSpan.FromHours(1);

    private const int MostAtOnce = 64;
    private const int MostAsked = 256;
    private static readonly TimeSpan RoundBound = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan SilenceKept = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Tells those that are chosen again to fetch no more, and asks the others where these are not enough. What did not answer is not asked again
    /// for a while.
    /// </summary>
    public async Task<DrainRound> SurveyAsync(DrainSite site, DrainRound round, Dictionary<string, V1Pod> pods, CancellationToken cancellationToken)
    {
        if (!round.IsAsked || round.Surplus == 0)
            return round;
        round = await CallAsync(site, round, pods, [.. round.Pods.Where(pod => pod.IsDraining)], isQuiesce: true, cancellationToken).ConfigureAwait(false);
        if (round.Pods.Count(pod => pod is { IsDraining: true, IsConfirmedIdle: true }) >= round.Needed)
            return round;
        var others = round.Pods.Where(pod => !pod.IsDraining && pod.Stage != PodStage.Empty).ToList();
        // Those that can't all be asked have their turns.
        var start = others.Count > MostAsked ? (int)(time.GetTimestamp() & 0xFFFF) % others.Count : 0;
        var asked = others.Skip(start).Concat(others.Take(start)).Take(MostAsked).ToList();
        return await CallAsync(site, round, pods, asked, isQuiesce: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells those of the victims that were not told in this round.</summary>
    public Task<DrainRound> QuiesceAsync(
        DrainSite site, DrainRound round, IReadOnlyList<DrainCandidate> victims, Dictionary<string, V1Pod> pods, CancellationToken cancellationToken)
    {
        var chosenNow = round.Pods.Select(pod => pod.IsDraining || victims.All(victim => victim.Uid != pod.Uid) ? pod : pod with { DrainingSince = round.Now });
        var fresh = victims.Where(victim => !victim.IsDraining).Select(victim => victim with { DrainingSince = round.Now }).ToList();
        round = round with { Pods = [.. chosenNow] };
        return round.IsAsked ? CallAsync(site, round, pods, fresh, isQuiesce: true, cancellationToken) : Task.FromResult(round);
    }

    /// <summary>
    /// Tells an idle worker, right before its deletion, to fetch no more until it is gone: SIGTERM may come late, by a preStop hook or a kubelet that was away.
    /// </summary>
    /// <returns>It is still idle.</returns>
    public async Task<bool> HoldAsync(DrainSite site, V1Pod pod, CancellationToken cancellationToken)
    {
        var hold = TimeSpan.FromSeconds(pod.Spec.TerminationGracePeriodSeconds ?? 0) + HoldMargin;
        return site.EndpointOf(pod) is { } endpoint
            && await management.QuiesceAsync(endpoint, hold < MostQuiesced ? hold : MostQuiesced, cancellationToken).ConfigureAwait(false)
                is WorkerAnswer.Report { InFlight: 0, Quiesced: true, Draining: false };
    }

    public Task ResumeAsync(DrainSite site, IReadOnlyList<DrainCandidate> workers, Dictionary<string, V1Pod> pods, CancellationToken cancellationToken) =>
        ForEachAsync(workers, async (worker, token) =>
        {
            if (site.EndpointOf(pods[worker.Uid]) is { } endpoint)
                await management.ResumeAsync(endpoint, token).ConfigureAwait(false);
        }, cancellationToken);

    private async Task<DrainRound> CallAsync(
        DrainSite site, DrainRound round, Dictionary<string, V1Pod> pods, List<DrainCandidate> workers, bool isQuiesce, CancellationToken cancellationToken)
    {
        if (workers.Count == 0)
            return round;
        var answers = new ConcurrentDictionary<string, WorkerAnswer>(StringComparer.Ordinal);
        var told = workers.Where(worker =>
        {
            if (site.EndpointOf(pods[worker.Uid]) is null)
                answers[worker.Uid] = new WorkerAnswer.Silence("it has no address");
            else if (site.Memory.RecentSilence(worker.Uid, site.Now, SilenceKept) is { } silence)
                answers[worker.Uid] = silence;
            return !answers.ContainsKey(worker.Uid);
        }).ToList();
        await ForEachAsync(told, async (worker, token) =>
        {
            var endpoint = site.EndpointOf(pods[worker.Uid])!.Value;
            answers[worker.Uid] = isQuiesce
                ? await management.QuiesceAsync(endpoint, Quiesced, token).ConfigureAwait(false)
                : await management.AskAsync(endpoint, token).ConfigureAwait(false);
        }, cancellationToken).ConfigureAwait(false);
        foreach (var worker in told)
        {
            if (answers.TryGetValue(worker.Uid, out var answer))
                site.Memory.Remember(worker.Uid, answer, site.Now);
        }

        return round with { Pods = [.. round.Pods.Select(pod => answers.TryGetValue(pod.Uid, out var answer) ? pod with { Answer = answer } : pod)] };
    }

    /// <summary>Whoever has no answer when the time is over has none in this round.</summary>
    private async Task ForEachAsync(
        IReadOnlyList<DrainCandidate> workers, Func<DrainCandidate, CancellationToken, Task> call, CancellationToken cancellationToken)
    {
        using var bound = new CancellationTokenSource(RoundBound, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        var token = either.Token;
        var next = -1;
        try
        {
            await Task.WhenAll(Enumerable.Range(0, Math.Min(MostAtOnce, workers.Count)).Select(_ => CallSomeAsync())).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
        }

        async Task CallSomeAsync()
        {
            while (Interlocked.Increment(ref next) is var turn && turn < workers.Count && !token.IsCancellationRequested)
                await call(workers[turn], token).ConfigureAwait(false);
        }
    }
}
