using System.Text.Json;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Revisions;

namespace K8sQueue.Operator.Scaling;

/// <summary>
/// What a pool's size is worked out by. Where nothing of the spec's charges can be granted (a budget is not there, its capacity is not known,
/// or it is smaller than one replica) that is the last revision that serves, as it is where the spec's own can't be made. Pure.
/// </summary>
internal static class PlanningBasis
{
    /// <summary>The first budget that keeps every replica with these charges from being granted; null for none.</summary>
    /// <param name="usable">Connections by budget, of those that are there and known.</param>
    public static string? ObstacleOf(IEnumerable<PoolCharge> charges, IReadOnlyDictionary<string, int> usable) =>
        charges.FirstOrDefault(charge => !usable.TryGetValue(charge.Budget, out var most) || charge.PerReplica > most)?.Budget;

    /// <summary>The revision that serves; of several the one with most ready pods.</summary>
    /// <param name="stable">The hash of the last revision that was rolled out; null for none.</param>
    public static V1Deployment? LastGood(IEnumerable<V1Deployment> deployments, IReadOnlyList<V1Pod> pods, string? stable) =>
        deployments.OrderByDescending(deployment => pods.Count(pod => IsOf(pod, deployment) && pod.IsReady()))
            .ThenByDescending(deployment => deployment.Label(Labels.Revision) == stable)
            .ThenByDescending(RevisionHistory.NumberOf)
            .ThenByDescending(deployment => deployment.Metadata.CreationTimestamp)
            .ThenBy(deployment => deployment.Metadata.Name, StringComparer.Ordinal).FirstOrDefault();

    /// <summary>What the revision's pods are charged, weighted as the spec has it.</summary>
    /// <param name="spec">By <see cref="PoolCharges"/>. It counts itself where the template can't be read.</param>
    public static IReadOnlyList<PoolCharge> ChargesOf(V1Deployment deployment, IReadOnlyList<PoolCharge> spec) =>
        deployment.Charges() is { } charges
            ? [.. charges.Where(charge => charge.Value > 0).OrderBy(charge => charge.Key, StringComparer.Ordinal).Select(charge =>
                new PoolCharge(charge.Key, charge.Value, spec.FirstOrDefault(item => item.Budget == charge.Key)?.Weight ?? 1))]
            : spec;

    /// <summary>Connections by budget of a pod of the revision; null where the template can't be read.</summary>
    public static IReadOnlyDictionary<string, int>? Charges(this V1Deployment deployment)
    {
        if (deployment.Spec.Template?["metadata"]?["annotations"]?[Labels.Charges]?.ToString() is not { } text)
            return new Dictionary<string, int>();
        try
        {
            return JsonSerializer.Deserialize(text, OperatorJsonContext.Default.DictionaryStringInt32);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static bool IsOf(V1Pod pod, V1Deployment deployment) => pod.Label(Labels.Revision) == deployment.Label(Labels.Revision);
}
