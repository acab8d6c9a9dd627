using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;

namespace K8sQueue.Operator.Status;

/// <summary>A pool's pods, counted.</summary>
/// <param name="Serving">Granted, not on their way out, not ended.</param>
/// <param name="Ready">Serving and ready.</param>
/// <param name="Updated">Serving, of the current revision.</param>
/// <param name="UpdatedReady">Serving and ready, of the current revision.</param>
/// <param name="Draining">On their way out, not ended: deleted, or kept from new jobs.</param>
/// <param name="Waiting">With the gate.</param>
/// <param name="Trouble">
/// Why a pod of the current revision does not become ready, in the pod's own words, or why it can't even be made; null where nothing says so.
/// </param>
public sealed record PodCounts(int Serving, int Ready, int Updated, int UpdatedReady, int Draining, int Waiting, string? Trouble)
{
    /// <summary>Serving pods of the current revision that show that it works.</summary>
    public int Proven { get; init; }

    public static PodCounts Of(IReadOnlyList<V1Pod> pods, string? currentRevision, V1Deployment? current = null, Func<V1Pod, bool>? isLeaving = null, Func<V1Pod, bool>? isProof = null)
    {
        ArgumentNullException.ThrowIfNull(pods);
        var granted = pods.Where(pod => !pod.IsGated() && !pod.HasEnded()).ToLookup(pod => pod.IsDeleting() || isLeaving?.Invoke(pod) == true);
        var serving = granted[false].ToList();
        var updated = serving.Where(pod => pod.Label(Labels.Revision) == currentRevision).ToList();
        return new PodCounts(
            serving.Count,
            serving.Count(IsReady),
            updated.Count,
            updated.Count(IsReady),
            granted[true].Count(),
            pods.Count(pod => pod.IsGated() && !pod.IsDeleting()),
            PodTrouble.Of(pods.Where(pod => !pod.IsGated() && !pod.IsDeleting() && pod.Label(Labels.Revision) == currentRevision)) ?? PodTrouble.Of(current))
        {
            Proven = updated.Count(isProof ?? IsReady),
        };
    }

    public static bool IsReady(V1Pod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return pod.Status?.Conditions.IsTrue("Ready") == true;
    }
}
