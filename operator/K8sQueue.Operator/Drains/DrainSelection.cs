namespace K8sQueue.Operator.Drains;

/// <summary>Who is to be chosen, and who taken back.</summary>
/// <param name="Victims">Those that are to be kept from new jobs; those that are already among them.</param>
/// <param name="Resumed">Chosen before, and no more: the demand returned, or another is idle.</param>
/// <param name="TimedOut">Chosen before, and not idle within the bound: others are tried.</param>
internal sealed record DrainSelection(
    IReadOnlyList<DrainCandidate> Victims, IReadOnlyList<DrainCandidate> Resumed, IReadOnlyList<DrainCandidate> TimedOut)
{
    public const int MostChosenAtOnce = 200;

    /// <summary>Pure. The order of preference is a total one, so that rounds that see the same choose the same.</summary>
    public static DrainSelection Of(DrainRound round)
    {
        var eligible = round.Pods.Where(pod => pod.Stage != PodStage.Empty && IsEligible(pod, round)).ToList();
        var timedOut = TimedOutOf(round, eligible);
        var order = eligible.OrderBy(pod => RankOf(pod, round, timedOut.Contains(pod)))
            .ThenBy(pod => pod.SparedAt ?? DateTimeOffset.MinValue)
            .ThenBy(pod => pod.InFlight)
            .ThenBy(pod => pod.DrainingSince ?? DateTimeOffset.MaxValue)
            .ThenBy(pod => pod.DeletionCost)
            .ThenBy(pod => pod.CreatedAt)
            .ThenBy(pod => pod.Name, StringComparer.Ordinal);
        var chosen = order.Take(round.Needed).ToList();
        // Each is told and marked, and a round is to be short; the others have their turn in the next.
        var victims = chosen.Except(chosen.Where(pod => !pod.IsDraining).Skip(MostChosenAtOnce)).ToList();
        var gone = round.Pods.Where(pod => pod.IsDraining && !victims.Contains(pod)).ToList();
        return new DrainSelection(
            victims, [.. gone.Where(pod => !timedOut.Contains(pod))], [.. gone.Where(timedOut.Contains)]);
    }

    /// <summary>
    /// A worker that may be busy is not chosen where only idle ones may go; one that was chosen stays so until it is idle, taken back, or late.
    /// </summary>
    private static bool IsEligible(DrainCandidate pod, DrainRound round)
    {
        if (!round.IsAsked)
            return true;
        return round.WaitsForIdle ? pod.IsDraining || !pod.IsUnknown : pod.IsDraining || pod.Answer is not null;
    }

    /// <summary>Late ones give way only where there are others to try: where all have to go, they stay chosen.</summary>
    private static HashSet<DrainCandidate> TimedOutOf(DrainRound round, List<DrainCandidate> eligible)
    {
        if (!round.WaitsForIdle || eligible.Count <= round.Needed)
            return [];
        return [.. eligible.Where(pod => pod.DrainingSince + round.Bound <= round.Now && !pod.IsConfirmedIdle)];
    }

    private static int RankOf(DrainCandidate pod, DrainRound round, bool isTimedOut)
    {
        if (!round.IsAsked)
            return pod.Stage == PodStage.Running && pod.IsReady ? 1 : 0;
        if (pod.IsConfirmedIdle && pod.IsDraining)
            return 0;
        if (pod.IsIdle)
            return 1;
        if (isTimedOut)
            return 7;
        if (pod.IsDraining)
            return 2;
        // A worker that is ready and doesn't answer is most likely the busiest.
        if (pod.IsUnknown)
            return pod.IsReady ? 6 : 3;
        return pod.SparedAt is null ? 4 : 5;
    }
}
