using System.Globalization;

namespace K8sQueue.LocalCluster.Autoscaling.ScaledObjects;

/// <summary>What stands in for the metric of a trigger that failed too often.</summary>
internal static class FallbackMath
{
    /// <summary>A composite target must be a whole number for a fallback to work at all: KEDA parses it so.</summary>
    public static bool IsValid(ScaledObject value) =>
        value.Fallback is { FailureThreshold: >= 0, Replicas: >= 0 }
        && (value.Modifiers is not { } modifiers || long.TryParse(modifiers.Target, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var target) && target > 0);

    /// <summary>The replicas that the fallback asks for.</summary>
    public static int Replicas(Fallback fallback, int current) => fallback.Behavior switch
    {
        "currentReplicas" => current,
        "currentReplicasIfHigher" => Math.Max(current, fallback.Replicas),
        "currentReplicasIfLower" => Math.Min(current, fallback.Replicas),
        _ => fallback.Replicas,
    };

    /// <summary>The metric's value that makes a HorizontalPodAutoscaler ask for so many replicas.</summary>
    /// <param name="target">The value one replica is meant for.</param>
    /// <param name="ready">The ready replicas, by which a metric of type Value is multiplied; null for AverageValue.</param>
    public static double Value(int replicas, double target, int? ready) => target * (ready is { } count ? replicas / (double)Math.Max(1, count) : replicas);
}
