using System.Collections.Concurrent;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Controllers.WorkerPools;

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
    private static readonly TimeSpan RoundBound = TimeSpan.FromSeconds(4);

    // Fewer than the pools that are looked after at the same time: the others have their turn.
    private const int MostSilent = 4;
    private int _silent;

    /// <summary>
    /// A turn to call workers, to be given back. Where all that were called lately let the call time out, as where a network policy drops them, there
    /// are only so many at once, whatever the pools: each holds a reconciliation up for seconds.
    /// </summary>
    /// <returns>Null where it is not this one's turn.</returns>
    public IDisposable? TryTakeTurn(DrainRound round)
    {
        if (!round.IsAsked || round.Surplus == 0 || !IsSilent(round))
            return Turn.Free;
        if (Interlocked.Increment(ref _silent) <= MostSilent)
            return new Turn(GiveBack);
        GiveBack();
        return null;

        void GiveBack() => Interlocked.Decrement(ref _silent);
    }

    private static bool IsSilent(DrainRound round)
    {
        var heard = round.Pods.Where(pod => pod.Heard is not null).ToList();
        return heard.Count > 0 && heard.TrueForAll(pod => pod.Heard!.Answer is WorkerAnswer.Silence { TookLong: true });
    }

    /// <summary>A clock that only moves on.</summary>
    public TimeSpan Clock => time.GetElapsedTime(0);

    /// <summary>Calls the chosen ones whose turn it is, and asks the others where these are not enough: AnswerPace says whose.</summary>
    public async Task<DrainRound> SurveyAsync(DrainSite site, DrainRound round, Dictionary<string, V1Pod> pods, CancellationToken cancellationToken)
    {
        if (!round.IsAsked || round.Surplus == 0)
            return round;
        var chosen = AnswerPace.Chosen(round).Select(pod => (pod, AnswerPace.CallOf(pod, round)));
        round = await CallAsync(site, round, pods, [.. chosen], cancellationToken).ConfigureAwait(false);
        if (round.HasEnough)
            return round;
        var others = AnswerPace.Others(round).Select(pod => (pod, WorkerCall.Ask));
        return await CallAsync(site, round, pods, [.. others], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells those of the victims that were not told in this round.</summary>
    public Task<DrainRound> QuiesceAsync(
        DrainSite site, DrainRound round, IReadOnlyList<DrainCandidate> victims, Dictionary<string, V1Pod> pods, CancellationToken cancellationToken)
    {
        var chosenNow = round.Pods.Select(pod => pod.IsDraining || victims.All(victim => victim.Uid != pod.Uid) ? pod : pod with { DrainingSince = round.Now });
        var fresh = victims.Where(victim => !victim.IsDraining).Select(victim => (victim, WorkerCall.Quiesce));
        round = round with { Pods = [.. chosenNow] };
        return round.IsAsked ? CallAsync(site, round, pods, [.. fresh], cancellationToken) : Task.FromResult(round);
    }

    /// <summary>
    /// Tells an idle worker, right before its deletion, to fetch no more until it is gone: SIGTERM may come late, by a preStop hook or a kubelet that
    /// was away. Another leader that took it back before it was read as it is now does not undo that, however late its call comes.
    /// </summary>
    /// <returns>What it answered, and for how long it was told; null where it can't be told.</returns>
    public async Task<HeldWorker?> HoldAsync(DrainSite site, V1Pod pod, CancellationToken cancellationToken)
    {
        if (site.EndpointOf(pod) is not { } endpoint)
            return null;
        var hold = TimeSpan.FromSeconds(pod.Spec.TerminationGracePeriodSeconds ?? 0) + HoldMargin;
        var (at, told) = (Clock, hold < MostQuiesced ? hold : MostQuiesced);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(site.Pass.Stopping, cancellationToken);
        return new(await management.QuiesceAsync(endpoint, told, pod.Metadata.ResourceVersion, either.Token).ConfigureAwait(false), at, told);
    }

    /// <param name="site">The Deployment.</param>
    /// <param name="pods">As they were when nobody wanted them gone: one that another leader holds at a later version stays quiet.</param>
    /// <param name="cancellationToken">Ends all.</param>
    /// <returns>Those that say that they fetch again.</returns>
    public async Task<IReadOnlyCollection<V1Pod>> ResumeAsync(DrainSite site, IReadOnlyList<V1Pod> pods, CancellationToken cancellationToken)
    {
        var fetching = new ConcurrentBag<V1Pod>();
        await ForEachAsync(site.Pass, pods, async (pod, token) =>
        {
            if (site.EndpointOf(pod) is { } endpoint
                && await management.ResumeAsync(endpoint, pod.Metadata.ResourceVersion, token).ConfigureAwait(false) is WorkerAnswer.Report { Quiesced: false })
            {
                fetching.Add(pod);
            }
        }, cancellationToken).ConfigureAwait(false);
        return fetching;
    }

    /// <returns>What those said that answered in time.</returns>
    public async Task<IReadOnlyCollection<WorkerAnswer>> AskAsync(
        PoolPass pass, IReadOnlyList<WorkerEndpoint> endpoints, CancellationToken cancellationToken)
    {
        var answers = new ConcurrentBag<WorkerAnswer>();
        await ForEachAsync(pass, endpoints, async (endpoint, token) =>
            answers.Add(await management.AskAsync(endpoint, token).ConfigureAwait(false)), cancellationToken).ConfigureAwait(false);
        return answers;
    }

    private async Task<DrainRound> CallAsync(
        DrainSite site, DrainRound round, Dictionary<string, V1Pod> pods, IReadOnlyList<(DrainCandidate Worker, WorkerCall Call)> calls,
        CancellationToken cancellationToken)
    {
        if (calls.Count == 0)
            return round;
        var answers = new ConcurrentDictionary<string, (WorkerAnswer Answer, TimeSpan At)>(StringComparer.Ordinal);
        await ForEachAsync(site.Pass, calls, async (call, token) =>
        {
            var at = Clock;
            var answer = site.EndpointOf(pods[call.Worker.Uid]) is { } endpoint
                ? call.Call == WorkerCall.Quiesce
                    ? await management.QuiesceAsync(endpoint, Quiesced, null, token).ConfigureAwait(false)
                    : await management.AskAsync(endpoint, token).ConfigureAwait(false)
                : new WorkerAnswer.Silence("it has no address");
            answers[call.Worker.Uid] = (answer, at);
        }, cancellationToken).ConfigureAwait(false);
        var heard = calls.Where(call => answers.ContainsKey(call.Worker.Uid)).ToDictionary(call => call.Worker.Uid, call =>
        {
            var (answer, at) = answers[call.Worker.Uid];
            return site.Memory.Answers.Take(call.Worker.Uid, call.Worker.Instance, answer, at, call.Call == WorkerCall.Quiesce ? Quiesced : null);
        }, StringComparer.Ordinal);
        return round with
        {
            Pods = [.. round.Pods.Select(pod => heard.TryGetValue(pod.Uid, out var kept) ? pod with { Answer = kept.Answer, Heard = kept } : pod)],
        };
    }

    /// <summary>Whoever has no answer when the time is over, or the operator stops, has none in this round.</summary>
    private async Task ForEachAsync<T>(
        PoolPass pass, IReadOnlyList<T> workers, Func<T, CancellationToken, Task> call, CancellationToken cancellationToken)
    {
        using var bound = new CancellationTokenSource(RoundBound, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, pass.Stopping, cancellationToken);
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

/// <summary>Is given back once it is over.</summary>
internal sealed class Turn(Action giveBack) : IDisposable
{
    /// <summary>One of any number.</summary>
    public static readonly Turn Free = new(static () => { });

    public void Dispose() => giveBack();
}

/// <summary>A worker that was told to fetch no more until it is gone.</summary>
internal sealed record HeldWorker(WorkerAnswer Answer, TimeSpan At, TimeSpan ToldFor);
