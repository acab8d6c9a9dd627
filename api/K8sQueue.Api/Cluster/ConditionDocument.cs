using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Api.Cluster;

/// <summary>One aspect of how a pool or a budget fares, in the operator's words.</summary>
/// <param name="Type">For example Ready.</param>
/// <param name="Status">True, False or Unknown.</param>
/// <param name="Reason">In one word, stable.</param>
/// <param name="Message">For people.</param>
/// <param name="Since">When <paramref name="Status"/> last changed.</param>
public sealed record ConditionDocument(string Type, string Status, string? Reason, string? Message, DateTimeOffset? Since)
{
    public static IReadOnlyList<ConditionDocument> From(IEnumerable<V1Condition>? conditions) =>
        [.. (conditions ?? []).Select(c => new ConditionDocument(c.Type, c.Status, c.Reason, c.Message, c.LastTransitionTime))];
}
