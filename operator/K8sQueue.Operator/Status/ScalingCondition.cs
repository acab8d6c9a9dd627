using System.Text.RegularExpressions;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities.Keda;

namespace K8sQueue.Operator.Status;

/// <summary>KEDA's word about the ScaledObject, as the pool's condition ScalingReady.</summary>
internal static partial class ScalingCondition
{
    private const string Awaited =
        " The zero in spec.replicas waits for KEDA's word that nothing is active; spec.suspend stops the workers without it.";

    public static (string Status, string Reason, string Message) Of(PoolObservation seen)
    {
        var word = WordOf(seen);
        return seen.ZeroAwaitsWord ? word with { Message = word.Message + Awaited } : word;
    }

    private static (string Status, string Reason, string Message) WordOf(PoolObservation seen)
    {
        if (seen.ScalingProblem is { } problem)
            return (V1Condition.False, problem.Reason, problem.Message);
        var conditions = seen.ScaledObject?.Status?.Conditions;
        if (conditions.IsTrue(KedaConditions.Paused))
            return (V1Condition.True, Reasons.ScaledObjectPaused, "The autoscaler is paused by an annotation of the ScaledObject.");
        var ready = conditions.Find(KedaConditions.Ready);
        if (ready is { Status: V1Condition.Unknown, Reason: KedaConditions.PartialTriggerError })
            return (V1Condition.False, KedaConditions.PartialTriggerError, $"KEDA: {WithoutCredentials(ready.Message)}");
        if (ready is null || ready.Status == V1Condition.Unknown)
            return (V1Condition.Unknown, Reasons.WaitingForKeda, "KEDA has not yet said that it can read the queues. Does its operator run?");
        if (ready.Status == V1Condition.False)
            return (V1Condition.False, Text(ready.Reason, "ScaledObjectNotReady"), $"KEDA: {WithoutCredentials(ready.Message)}");
        if (conditions.IsTrue(KedaConditions.Fallback))
            return (V1Condition.False, Reasons.FallbackActive, "KEDA can't read the queues and keeps the pool at fallbackReplicas.");
        if (conditions.Find(KedaConditions.HpaActive) is { Status: V1Condition.False } horizontal)
            return (V1Condition.False, Text(horizontal.Reason, "HPAMetricsUnavailable"), $"The HPA of the ScaledObject: {WithoutCredentials(horizontal.Message)}");
        return (V1Condition.True, Reasons.ScaledObjectReady, "KEDA reads the queues and scales the pool.");
    }

    /// <summary>
    /// KEDA means a zero: nothing is active, the cooldown is over, and no scaler fails (an error looks inactive, too); or it is paused, and
    /// leaves the pool to others.
    /// </summary>
    public static bool ZeroIsMeant(V1Alpha1ScaledObject? scaledObject)
    {
        var conditions = scaledObject?.Status?.Conditions;
        if (conditions.IsTrue(KedaConditions.Paused))
            return true;
        return conditions.Find(KedaConditions.Active) is { Status: V1Condition.False, Reason: KedaConditions.ScalerNotActive }
            && conditions.Find(KedaConditions.Ready)?.Status != V1Condition.False
            && !conditions.IsTrue(KedaConditions.Fallback);
    }

    /// <summary>A scaler's error may quote the address that it dialled, password and all.</summary>
    private static string WithoutCredentials(string? message) => UserInfo().Replace(message ?? "", "***@");

    [GeneratedRegex("""(?<=://)[^\s"'`]*@""", RegexOptions.CultureInvariant)]
    private static partial Regex UserInfo();

    private static string Text(string? value, string otherwise) => string.IsNullOrEmpty(value) ? otherwise : value;
}
