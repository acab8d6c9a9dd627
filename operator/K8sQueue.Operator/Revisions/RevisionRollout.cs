namespace K8sQueue.Operator.Revisions;

/// <summary>
/// Moves a pool from old revisions to the current one, from what there is, whatever was planned before: a Deployment that shrinks may take long,
/// since its pods drain. docs/adr/0012 says why it is as it is.
/// </summary>
/// <remarks>
/// All pods that have not ended, terminating ones too, are at most target + maxSurge before the current revision grows. The old ones keep what
/// the ready pods of the current one do not yet serve, counted in connections where these differ. Where nothing fits beside the target, a
/// quarter of it goes first. A stalled revision keeps its ready pods and one to see it heal by, and the stable one serves the rest.
/// </remarks>
public static class RevisionRollout
{
    public static RolloutPlan Plan(RolloutBounds bounds, IReadOnlyList<RevisionState> revisions)
    {
        ArgumentNullException.ThrowIfNull(bounds);
        ArgumentNullException.ThrowIfNull(revisions);
        var current = revisions.Single(revision => revision.IsCurrent);
        var old = revisions.Where(revision => !revision.IsCurrent).OrderByDescending(revision => revision.Name == bounds.Stable)
            .ThenByDescending(revision => revision.Number).ThenBy(revision => revision.Name, StringComparer.Ordinal).ToList();
        var stable = bounds.IsStalled ? old.Find(revision => revision.Name == bounds.Stable) : null;
        var replicas = old.ToDictionary(revision => revision.Name, _ => 0, StringComparer.Ordinal);
        var isAlone = stable is null && old.TrueForAll(revision => revision.Occupied == 0);
        replicas[current.Name] = isAlone ? bounds.CurrentLimit : Divide(bounds, current, old, stable, replicas);
        return new(replicas, RevisionHistory.Finished(old, bounds)) { Target = isAlone ? bounds.CurrentLimit : bounds.Target };
    }

    /// <summary>Sets the sizes of the old ones and returns that of the current one.</summary>
    private static int Divide(
        RolloutBounds bounds, RevisionState current, List<RevisionState> old, RevisionState? stable, Dictionary<string, int> replicas)
    {
        var target = bounds.Target;
        var ready = Math.Min(current.Ready, bounds.CurrentLimit);
        var missing = MissingOf(bounds);
        var kept = Math.Max(0, target - bounds.ServedBy(ready) - missing);
        // Where old pods are not worth a quarter of the target each, that is not enough for the next one, and what goes must not come back.
        if (!bounds.IsStalled)
            kept = Math.Min(kept, bounds.MostKept ?? kept);
        var surge = Math.Min(bounds.MaxSurge, bounds.Spare ?? int.MaxValue);
        var headroom = Math.Max(0, target + surge - current.Occupied - old.Sum(revision => revision.Occupied));
        var left = kept - Keep(bounds, old, kept, replicas);
        var grown = stable is null ? 0 : Math.Min(left, Math.Min(headroom, stable.Growth));
        if (stable is not null)
            replicas[stable.Name] += grown;

        var goal = bounds.CurrentLimit;
        if (bounds.IsStalled)
            goal = Math.Min(goal, Math.Max(ready + (CanSurge(bounds) || missing > 0 ? 1 : 0), stable is null ? target - replicas.Values.Sum() : 0));
        return current.Replicas >= goal
            ? goal
            : current.Replicas + Math.Max(0, Math.Min(goal - current.Replicas, Math.Min(headroom, current.Growth) - grown));
    }

    /// <summary>Replicas that the pool does without, where nothing can be had beside the target.</summary>
    private static int MissingOf(RolloutBounds bounds)
    {
        if (CanSurge(bounds))
            return 0;
        var quarter = bounds.Target / 4;
        if (bounds.IsStalled)
            return bounds.Weight <= quarter ? bounds.Weight : 0;
        return bounds.CurrentLimit == 0 ? 0 : Math.Max(bounds.Weight, quarter);
    }

    private static bool CanSurge(RolloutBounds bounds) => bounds.MaxSurge > 0 && bounds.Spare is not <= 0;

    /// <summary>Gives the old ones as many as are kept of what they have, ready pods first; returns how many these are.</summary>
    private static int Keep(RolloutBounds bounds, List<RevisionState> old, int kept, Dictionary<string, int> replicas)
    {
        var left = kept;
        foreach (var revision in old)
        {
            var share = Math.Min(left, Math.Min(revision.Ready, Useful(revision)));
            replicas[revision.Name] = share;
            left -= share;
        }

        foreach (var revision in old)
        {
            var share = Math.Min(left, Useful(revision) - replicas[revision.Name]);
            replicas[revision.Name] += share;
            left -= share;
        }

        return kept - left;

        // One that waits makes way for what can be granted, and for nothing else.
        int Useful(RevisionState revision) => bounds.IsBlocked ? revision.Replicas : revision.Useful;
    }
}
