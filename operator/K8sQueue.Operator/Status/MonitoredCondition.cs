using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Status;

/// <summary>Whether the Prometheus operator has what <c>spec.monitoring</c> asks for, as the pool's condition Monitored.</summary>
internal static class MonitoredCondition
{
    /// <returns>Null where nothing is asked for, and nothing is left.</returns>
    public static V1Condition? Of(bool isAsked, IReadOnlyList<PoolProblem> problems) => problems switch
    {
        [] when !isAsked => null,
        [] => Make(V1Condition.True, Reasons.MonitoringInPlace, "The Prometheus operator has what spec.monitoring asks for."),
        [var first, ..] => Make(V1Condition.False, first.Reason, string.Join(' ', problems.Select(problem => problem.Message).Distinct())),
    };

    private static V1Condition Make(string status, string reason, string message) =>
        new() { Type = Conditions.Monitored, Status = status, Reason = reason, Message = message };
}
