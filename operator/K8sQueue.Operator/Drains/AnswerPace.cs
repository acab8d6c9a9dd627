namespace K8sQueue.Operator.Drains;

/// <summary>What a worker is called for.</summary>
internal enum WorkerCall
{
    /// <summary>How busy is it?</summary>
    Ask,

    /// <summary>It is to fetch no more.</summary>
    Quiesce,
}

/// <summary>How long an answer holds, and who is called when. Pure.</summary>
internal static class AnswerPace
{
    /// <summary>The most chosen workers that are called in a round.</summary>
    public const int MostTold = 512;

    /// <summary>The most others that are asked in a round.</summary>
    public const int MostAsked = 256;

    /// <summary>Nobody is called again sooner.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    /// <summary>Whoever is waited for is called again by then.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>A removal goes by no answer that is older.</summary>
    public static readonly TimeSpan ActsFor = TimeSpan.FromSeconds(10);

    // More than the longest interval: the look before the end of the quiet comes in time.
    private static readonly TimeSpan RenewedBefore = TimeSpan.FromSeconds(12);

    private static readonly TimeSpan IdleHolds = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BusyHolds = TimeSpan.FromSeconds(30);

    // A chosen worker is looked at every 1/30 of the time that it has been waited for: every second for the first 30 s.
    private const int LooksAWait = 30;

    /// <summary>Whether what it said is still believed.</summary>
    public static bool Holds(KeptAnswer kept, bool isDraining, bool idleOnly, TimeSpan clock) => clock - kept.At <= kept.Answer switch
    {
        WorkerAnswer.Report { InFlight: 0, Draining: false } when isDraining => ActsFor,
        WorkerAnswer.Report { InFlight: 0, Draining: false } => IdleHolds,
        // A busy worker may go by what the others said.
        WorkerAnswer.Report when !idleOnly => IdleHolds,
        _ => BusyHolds,
    };

    /// <summary>The chosen ones to call now: first those that fetch again soonest.</summary>
    public static IReadOnlyList<DrainCandidate> Chosen(DrainRound round) =>
        [.. round.Pods.Where(pod => pod.IsDraining && IsDue(pod, round))
            .OrderBy(pod => pod.Heard?.QuietUntil ?? TimeSpan.MinValue).ThenBy(pod => pod.Heard?.At ?? TimeSpan.MinValue)
            .ThenBy(pod => pod.Name, StringComparer.Ordinal).Take(MostTold)];

    /// <summary>The others to ask now: first those that were never asked, or longest ago, so that all have their turns.</summary>
    public static IReadOnlyList<DrainCandidate> Others(DrainRound round) =>
        [.. round.Pods.Where(pod => IsOther(pod) && IsDue(pod, round))
            .OrderBy(pod => pod.Heard?.At ?? TimeSpan.MinValue).ThenBy(pod => pod.Name, StringComparer.Ordinal).Take(MostAsked)];

    /// <summary>
    /// What a chosen worker is called for. Without the gate nothing confirms an answer right before the removal: each look is a confirmation.
    /// </summary>
    public static WorkerCall CallOf(DrainCandidate pod, DrainRound round) =>
        round.IsGated && pod.Heard is { Answer: WorkerAnswer.Report, QuietUntil: { } until } heard
        && until - round.Clock >= RenewedBefore && round.Clock - heard.At <= ActsFor
            ? WorkerCall.Ask
            : WorkerCall.Quiesce;

    /// <summary>When the next call is due, of those that are worth waiting for.</summary>
    public static TimeSpan NextLook(DrainRound round)
    {
        var waited = round.Pods.Where(pod => pod.IsDraining || (!round.HasEnough && IsOther(pod)));
        var next = round.IsAsked ? waited.Select(pod => DueIn(pod, round)).DefaultIfEmpty(Shortest).Min() : Shortest;
        foreach (var pod in round.Pods)
        {
            if (round.WaitsForIdle && pod.DrainingSince + round.Bound - round.Now is { } left && left > TimeSpan.Zero && left < next)
                next = left;
        }

        return next < Shortest ? Shortest : next > Longest ? Longest : next;
    }

    private static bool IsOther(DrainCandidate pod) => !pod.IsDraining && pod.Stage != PodStage.Empty;

    private static bool IsDue(DrainCandidate pod, DrainRound round) => DueIn(pod, round) <= TimeSpan.Zero;

    private static TimeSpan DueIn(DrainCandidate pod, DrainRound round)
    {
        if (pod.Heard is not { } heard)
            return TimeSpan.Zero;
        var due = heard.At + IntervalOf(pod, heard, round);
        if (pod.IsDraining && heard is { Answer: WorkerAnswer.Report, QuietUntil: { } until } && until - RenewedBefore < due)
            due = until - RenewedBefore;
        return due - round.Clock;
    }

    private static TimeSpan IntervalOf(DrainCandidate pod, KeptAnswer heard, DrainRound round)
    {
        if (heard.Answer is WorkerAnswer.Silence { TookLong: true })
            return Longest;
        if (!round.IdleOnly)
            return Shortest;
        if (pod.DrainingSince is { } since)
            return pod.IsConfirmedIdle ? (round.IsGated ? IdleHolds : Shortest) : Bounded((round.Now - since) / LooksAWait);
        // Doubles with each answer: what has been so for long is likely to stay so.
        return pod.IsIdle ? Shortest : Bounded(Shortest + (heard.At - heard.Since));
    }

    private static TimeSpan Bounded(TimeSpan interval) => interval < Shortest ? Shortest : interval > Longest ? Longest : interval;
}
