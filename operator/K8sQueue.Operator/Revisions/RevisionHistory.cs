using System.Globalization;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Revisions;

/// <summary>The order of revisions, and which of the old ones may go.</summary>
internal static class RevisionHistory
{
    /// <summary>The number on a revision's Deployment; 0 where it has none.</summary>
    public static int NumberOf(V1Deployment deployment) =>
        int.TryParse(deployment.Annotation(Labels.RevisionNumber), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>Those without a pod, but the newest ones and the one that a failing rollout falls back to.</summary>
    /// <param name="old">The old revisions, in any order.</param>
    public static IReadOnlyList<string> Finished(IEnumerable<RevisionState> old, RolloutBounds bounds) =>
        [.. old.Where(revision => revision.Occupied == 0 && revision.Name != bounds.Stable)
            .OrderByDescending(revision => revision.Number).ThenBy(revision => revision.Name, StringComparer.Ordinal)
            .Skip(Math.Max(0, bounds.HistoryLimit - (old.Any(revision => revision.Name == bounds.Stable) ? 1 : 0)))
            .Select(revision => revision.Name)];
}
