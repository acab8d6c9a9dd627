using System.Globalization;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Budgets;

/// <summary>
/// When a pod was let go to the scheduler. Its conditions don't tell: PodScheduled is False both behind the gate and where no node fits, and keeps
/// the time of its creation from the one to the other. So the patch that takes the gate off writes it down.
/// </summary>
internal static class GrantTime
{
    public static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>What is written on the pod, or its creation: without a gate that is the same.</summary>
    public static DateTimeOffset? GrantedAt(this V1Pod pod) =>
        pod.Annotation(Labels.GrantedAt) is { } text
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at
            : pod.Metadata.CreationTimestamp;
}
