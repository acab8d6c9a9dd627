namespace K8sQueue.Operator.Revisions;

/// <summary>A revision's Deployment and its pods, as seen.</summary>
/// <param name="Name">The Deployment's name.</param>
/// <param name="IsCurrent">It is made from the spec as it is now.</param>
/// <param name="Replicas">The Deployment's <c>spec.replicas</c>.</param>
/// <param name="Ready">Ready pods that nobody has deleted.</param>
/// <param name="Pods">All pods that have not ended, terminating and waiting ones too.</param>
public sealed record RevisionState(string Name, bool IsCurrent, int Replicas, int Ready, int Pods);

/// <summary>What the Deployments are to be.</summary>
/// <param name="Replicas">Replicas by Deployment.</param>
/// <param name="Finished">Old Deployments that may be deleted: no pod is left of them.</param>
public sealed record RolloutPlan(IReadOnlyDictionary<string, int> Replicas, IReadOnlyList<string> Finished)
{
    public int Total => Replicas.Values.Sum();
}

/// <summary>
/// Moves a pool from old revisions to the current one. The new one grows in steps as its pods become ready and the old ones shrink by what
/// is ready; where no room is left for pods beyond the target, the old ones go first. A revision that never becomes ready stops it.
/// </summary>
public static class RevisionRollout
{
    /// <param name="target">Replicas that the pool is to have, over all revisions.</param>
    /// <param name="surge">Replicas beyond the target that there is room for; null for as many as a step takes.</param>
    public static RolloutPlan Plan(int target, IReadOnlyList<RevisionState> revisions, int? surge)
    {
        ArgumentNullException.ThrowIfNull(revisions);
        var current = revisions.Single(revision => revision.IsCurrent);
        var old = revisions.Where(revision => !revision.IsCurrent).OrderByDescending(revision => revision.Ready)
            .ThenBy(revision => revision.Name, StringComparer.Ordinal).ToList();
        var finished = old.Where(revision => revision is { Pods: 0, Replicas: 0 }).Select(revision => revision.Name).ToList();
        if (old.TrueForAll(revision => revision.Pods == 0))
            return new(Replicas(current, target, old, 0), finished);
        var ready = Math.Min(current.Ready, target);
        var step = Math.Max(1, (target + 3) / 4);
        var extra = Math.Min(surge ?? step, step);
        var grown = Math.Min(target, Math.Max(current.Replicas, ready + (extra > 0 ? extra : step)));
        return new(Replicas(current, grown, old, target - (extra > 0 ? ready : grown)), finished);
    }

    /// <summary>What is left for the old revisions goes to those with most ready pods; none of them ever grows.</summary>
    private static Dictionary<string, int> Replicas(RevisionState current, int currentReplicas, List<RevisionState> old, int left)
    {
        var replicas = new Dictionary<string, int>(StringComparer.Ordinal) { [current.Name] = currentReplicas };
        foreach (var revision in old)
        {
            var share = Math.Clamp(left, 0, revision.Replicas);
            replicas[revision.Name] = share;
            left -= share;
        }

        return replicas;
    }
}
