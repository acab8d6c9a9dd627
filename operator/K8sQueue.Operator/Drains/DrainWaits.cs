namespace K8sQueue.Operator.Drains;

/// <summary>Pods that keep a scale-in waiting: names by UID.</summary>
/// <param name="Unreachable">They run, and nobody knows how busy they are.</param>
/// <param name="Late">They are waited for longer than the bound, since all have to go.</param>
internal sealed record DrainWaits(Dictionary<string, string> Unreachable, Dictionary<string, string> Late)
{
    /// <summary>By what they said last, whether or not they were asked in this round. Pure.</summary>
    public static DrainWaits? Of(DrainRound round) => round.WaitsForIdle
        ? new(
            Names(round.Pods.Where(pod => pod.Stage == PodStage.Running && !pod.IsIdle && pod.Heard?.Answer is WorkerAnswer.Silence)),
            Names(round.Pods.Where(pod => pod.DrainingSince + round.Bound <= round.Now && !pod.IsConfirmedIdle)))
        : null;

    public void KeepOnly(Func<string, bool> isThere)
    {
        foreach (var names in (Dictionary<string, string>[])[Unreachable, Late])
        {
            foreach (var uid in names.Keys.Where(uid => !isThere(uid)).ToList())
                names.Remove(uid);
        }
    }

    private static Dictionary<string, string> Names(IEnumerable<DrainCandidate> pods) =>
        pods.ToDictionary(pod => pod.Uid, pod => pod.Name, StringComparer.Ordinal);
}
