using System.Globalization;
using K8sQueue.LocalCluster.Autoscaling.Formulas;

namespace K8sQueue.LocalCluster.Autoscaling.ScaledObjects;

/// <summary>What KEDA's webhook refuses of one ScaledObject by itself; each rule gives its message, or null.</summary>
internal static class ScaledObjectRules
{
    private const int MaxLabelLength = 63;

    public static string? FirstViolation(ScaledObject value) =>
        ReplicaCounts(value) ?? Fallback(value) ?? Names(value) ?? Triggers(value) ?? Modifiers(value);

    public static string? ReplicaCounts(ScaledObject value)
    {
        // KEDA raises an explicit 0 to 1 here, as the HorizontalPodAutoscaler's minimum.
        var minimum = value.Value["spec"]!["minReplicaCount"] is null ? 0 : value.HorizontalMinimum;
        if (minimum > value.Maximum)
            return $"MinReplicaCount={minimum} must be less than MaxReplicaCount={value.Maximum}";
        return value.Idle is { } idle && idle >= minimum ? $"IdleReplicaCount={idle} must be less than MinReplicaCount={minimum}" : null;
    }

    public static string? Fallback(ScaledObject value)
    {
        if (value.Fallback is not { } fallback)
            return null;
        if (fallback.FailureThreshold < 0 || fallback.Replicas < 0)
            return $"FailureThreshold={fallback.FailureThreshold} & Replicas={fallback.Replicas} must both be greater than or equal to 0";
        if (value.Modifiers is null && value.Triggers.All(IsResource))
            return "at least one trigger (that is not cpu or memory) has to have the `AverageValue` type for the fallback to be enabled";
        return fallback.Behavior == "scalingModifiers" && value.Modifiers is not { Formula.Length: > 0 }
            ? "scalingModifiers fallback behavior requires scalingModifiers.formula to be defined"
            : null;
    }

    /// <summary>A default name of the HorizontalPodAutoscaler leaves 54 characters to the ScaledObject's.</summary>
    public static string? Names(ScaledObject value)
    {
        if (value.Name.Length > MaxLabelLength)
        {
            return $"scaledobject name \"{value.Name}\" is {value.Name.Length} characters long; must be no more than {MaxLabelLength} characters because it is used as the \"{ScaledObject.Label}\" label value";
        }

        return value.HorizontalName.Length > MaxLabelLength
            ? $"HPA name \"{value.HorizontalName}\" derived from scaledobject is {value.HorizontalName.Length} characters long; must be no more than {MaxLabelLength} characters; set spec.advanced.horizontalPodAutoscalerConfig.name to a shorter name or shorten the scaledobject name"
            : null;
    }

    public static string? Triggers(ScaledObject value)
    {
        if (value.Triggers.Count == 0)
            return "no triggers defined in the ScaledObject/ScaledJob";
        if (value.Triggers.FirstOrDefault(t => t.UsesCachedMetrics && (t.Type is "cpu" or "memory" or "cron")) is { } cached)
            return $"property \"useCachedMetrics\" is not supported for \"{cached.Type}\" scaler";
        var twice = value.Triggers.Where(t => t.Name.Length > 0).GroupBy(t => t.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1);
        return twice is null ? null : $"triggerName \"{twice.Key}\" is defined multiple times in the ScaledObject/ScaledJob, but it must be unique";
    }

    public static string? Modifiers(ScaledObject value)
    {
        if (value.Modifiers is not { } modifiers)
            return null;
        if (modifiers.Formula.Length == 0)
            return "error ScalingModifiers.Formula is mandatory";
        if (modifiers.Target.Length == 0)
            return "error validating formula in ScalingModifiers\nformula is given but target is empty";
        try
        {
            Compile(value, modifiers);
        }
        catch (FormulaException e)
        {
            return $"error validating formula in ScalingModifiers\n{e.Message}";
        }

        return double.TryParse(modifiers.Target, NumberStyles.Float, CultureInfo.InvariantCulture, out var target) && target > 0
            ? null
            : "error validating target in ScalingModifiers\nerror converting target for scalingModifiers (string->float) to valid target";
    }

    /// <exception cref="FormulaException">The formula is wrong.</exception>
    public static Formula Compile(ScaledObject value, ScalingModifiers modifiers) =>
        Formula.Compile(modifiers.Formula, value.Triggers.Where(t => !IsResource(t) && t.Name.Length > 0).Select(t => t.Name).ToHashSet(StringComparer.Ordinal));

    private static bool IsResource(Trigger trigger) => trigger.Type is "cpu" or "memory";
}
