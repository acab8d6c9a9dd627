using System.Globalization;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Status;

/// <summary>Who leaves, and what keeps them, as the pool's condition Draining.</summary>
internal static class DrainingCondition
{
    private const int MostNames = 3;
    private const string OldestGo =
        "The image has no management port, so nobody knows which workers are idle, and the oldest pods go first: declare a port named 'management' that "
        + "answers as docs/reference/worker.md says.";

    public static (string Status, string Reason, string Message) Of(PoolObservation seen)
    {
        var drains = seen.Drains;
        if (drains.Late.Count > 0)
        {
            return (V1Condition.True, Reasons.DrainTimedOut,
                $"Not idle within drain.timeoutSeconds, and still waited for: {Names(drains.Late)}. Look at what they run.");
        }

        if (drains.Unreachable.Count > 0)
        {
            return (V1Condition.True, Reasons.WorkersUnreachable,
                $"Pods that don't say whether they are idle, and so are not removed: {Names(drains.Unreachable)}. Let the operator reach their management "
                + "port (network policies), or delete them.");
        }

        var count = seen.Pods.Draining.ToString(CultureInfo.InvariantCulture);
        if (!drains.IsManaged)
        {
            return seen.Pods.Draining > 0
                ? (V1Condition.True, Reasons.BusynessUnknown, $"Pods that finish what they have: {count}. {OldestGo}")
                : (V1Condition.False, Reasons.BusynessUnknown, $"No pod is on its way out. {OldestGo}");
        }

        return seen.Pods.Draining > 0
            ? (V1Condition.True, Reasons.PodsDrain, $"Pods that finish what they have: {count}.")
            : (V1Condition.False, Reasons.NothingDrains, "No pod is on its way out.");
    }

    private static string Names(IReadOnlyList<string> names) =>
        string.Join(", ", names.Order(StringComparer.Ordinal).Take(MostNames))
        + (names.Count > MostNames ? string.Create(CultureInfo.InvariantCulture, $" and {names.Count - MostNames} more") : "");
}
