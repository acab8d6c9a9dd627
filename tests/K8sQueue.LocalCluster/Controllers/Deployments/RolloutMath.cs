namespace K8sQueue.LocalCluster.Controllers.Deployments;

/// <summary>One ReplicaSet as the arithmetic of a rollout sees it.</summary>
/// <param name="Replicas">spec.replicas.</param>
/// <param name="Available">status.availableReplicas.</param>
/// <param name="MaxReplicas">The deployment.kubernetes.io/max-replicas annotation: replicas and surge when it was last scaled; 0 where there is none.</param>
internal sealed record ReplicaSetSize(string Name, int Replicas, int Available, DateTimeOffset Created, int MaxReplicas = 0);

/// <summary>The arithmetic of pkg/controller/deployment: who is scaled to what in the next step.</summary>
internal static class RolloutMath
{
    /// <summary>
    /// maxSurge rounds up, maxUnavailable rounds down, and where both come to nothing maxUnavailable is one: otherwise nothing could ever move.
    /// </summary>
    public static (int Surge, int Unavailable) Fenceposts(int? surge, int? unavailable)
    {
        var (s, u) = (surge ?? 0, unavailable ?? 0);
        return s == 0 && u == 0 ? (0, 1) : (s, u);
    }

    /// <summary>The size of the new ReplicaSet in a RollingUpdate.</summary>
    public static int NewReplicas(int wanted, int surge, int newReplicas, int totalReplicas)
    {
        if (newReplicas > wanted)
            return wanted;
        var room = wanted + surge - totalReplicas;
        return room <= 0 ? newReplicas : newReplicas + Math.Min(room, wanted - newReplicas);
    }

    /// <summary>The old ReplicaSets that shrink, and to what: unhealthy pods first, then as far as enough stay available.</summary>
    public static IReadOnlyDictionary<string, int> ShrinkOld(
        int wanted, int unavailable, ReplicaSetSize newSet, IEnumerable<ReplicaSetSize> oldSets)
    {
        var old = oldSets.Where(o => o.Replicas > 0).OrderBy(o => o.Created).ThenBy(o => o.Name, StringComparer.Ordinal).ToList();
        var minimum = wanted - Math.Min(unavailable, wanted);
        var total = old.Sum(o => o.Replicas) + newSet.Replicas;
        var room = total - minimum - (newSet.Replicas - newSet.Available);
        var sizes = old.ToDictionary(o => o.Name, o => o.Replicas, StringComparer.Ordinal);
        if (room <= 0)
            return new Dictionary<string, int>(StringComparer.Ordinal);

        foreach (var set in old)
        {
            var unhealthy = Math.Min(room, Math.Max(0, set.Replicas - set.Available));
            sizes[set.Name] -= unhealthy;
            room -= unhealthy;
        }

        var spare = old.Sum(o => o.Available) + newSet.Available - minimum;
        foreach (var set in old)
        {
            var less = Math.Min(sizes[set.Name], Math.Max(0, spare));
            sizes[set.Name] -= less;
            spare -= less;
        }

        return old.Where(o => sizes[o.Name] != o.Replicas).ToDictionary(o => o.Name, o => sizes[o.Name], StringComparer.Ordinal);
    }

    /// <summary>Spreads a change of the wanted size over the ReplicaSets of an unfinished rollout, by their share; the largest takes what rounding leaves.</summary>
    public static IReadOnlyDictionary<string, int> ScaleProportionally(int wanted, int surge, IReadOnlyCollection<ReplicaSetSize> sets)
    {
        var allowed = wanted > 0 ? wanted + surge : 0;
        var total = sets.Sum(s => s.Replicas);
        var change = allowed - total;
        var ordered = (change > 0
            ? sets.OrderByDescending(s => s.Replicas).ThenByDescending(s => s.Created)
            : sets.OrderByDescending(s => s.Replicas).ThenBy(s => s.Created)).ToList();
        var sizes = new Dictionary<string, int>(StringComparer.Ordinal);
        var added = 0;
        foreach (var set in ordered)
        {
            var share = change == 0 ? 0 : Share(set, allowed, set.MaxReplicas > 0 ? set.MaxReplicas : total, change - added);
            sizes[set.Name] = set.Replicas + share;
            added += share;
        }

        if (ordered.Count > 0 && change != 0)
            sizes[ordered[0].Name] = Math.Max(0, sizes[ordered[0].Name] + change - added);
        return sizes;
    }

    private static int Share(ReplicaSetSize set, int allowed, int before, int left)
    {
        if (set.Replicas == 0)
            return 0;
        var fraction = (int)Math.Round(set.Replicas * (double)allowed / before, MidpointRounding.AwayFromZero) - set.Replicas;
        return left > 0 ? Math.Clamp(fraction, 0, left) : Math.Clamp(fraction, left, 0);
    }
}
