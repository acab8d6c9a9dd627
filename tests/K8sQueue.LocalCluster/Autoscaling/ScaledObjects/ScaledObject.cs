using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Autoscaling.Targets;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Autoscaling.ScaledObjects;

internal sealed record Trigger(
    int Index, string Type, string Name, IReadOnlyDictionary<string, string> Metadata, string? Authentication, string? AuthenticationKind, string MetricType, bool UsesCachedMetrics);

internal sealed record ScalingModifiers(string Formula, string Target, string ActivationTarget, string MetricType);

internal sealed record Fallback(int FailureThreshold, int Replicas, string Behavior);

/// <summary>A ScaledObject's settings, with KEDA's defaults.</summary>
internal sealed class ScaledObject(JsonObject value)
{
    public const string Label = "scaledobject.keda.sh/name";
    public const string Finalizer = "finalizer.keda.sh";
    public const string CompositeMetric = "composite-metric";
    public const string AverageValue = "AverageValue";
    private const string Annotations = "autoscaling.keda.sh/";

    public JsonObject Value => value;

    public string Name => value.Name();

    public string Namespace => value.Namespace() ?? "default";

    public ScaleTargetReference Target => ScaleTargetReference.Of(value.MapAt("spec", "scaleTargetRef"));

    public TimeSpan PollingInterval => TimeSpan.FromSeconds(value.IntegerAt("spec", "pollingInterval") ?? 30);

    public TimeSpan Cooldown => TimeSpan.FromSeconds(value.IntegerAt("spec", "cooldownPeriod") ?? 300);

    public TimeSpan InitialCooldown => TimeSpan.FromSeconds(value.IntegerAt("spec", "initialCooldownPeriod") ?? 0);

    public int? Idle => value.IntegerAt("spec", "idleReplicaCount");

    public int Minimum => value.IntegerAt("spec", "minReplicaCount") ?? 0;

    public int Maximum => value.IntegerAt("spec", "maxReplicaCount") ?? 100;

    /// <summary>A HorizontalPodAutoscaler's minimum is one at least: from and to zero is KEDA's own.</summary>
    public int HorizontalMinimum => Math.Max(1, Minimum);

    public string HorizontalName =>
        value.TextAt("spec", "advanced", "horizontalPodAutoscalerConfig", "name") is { Length: > 0 } name ? name : $"keda-hpa-{Name}";

    public JsonObject? Behavior => value.MapAt("spec", "advanced", "horizontalPodAutoscalerConfig", "behavior");

    public bool RestoresOriginalReplicas => value.FlagAt("spec", "advanced", "restoreToOriginalReplicaCount");

    public ScalingModifiers? Modifiers => value.MapAt("spec", "advanced", "scalingModifiers") is { Count: > 0 } modifiers
        ? new(
            modifiers.TextAt("formula") ?? "",
            modifiers.TextAt("target") ?? "",
            modifiers.TextAt("activationTarget") ?? "",
            modifiers.TextAt("metricType") is { Length: > 0 } type ? type : AverageValue)
        : null;

    public Fallback? Fallback => value.MapAt("spec", "fallback") is { } fallback
        ? new(fallback.IntegerAt("failureThreshold") ?? 0, fallback.IntegerAt("replicas") ?? 0, fallback.TextAt("behavior") ?? "static")
        : null;

    public IReadOnlyList<Trigger> Triggers =>
    [
        .. value.ObjectsAt("spec", "triggers").Select((t, index) => new Trigger(
            index,
            t.TextAt("type") ?? "",
            t.TextAt("name") ?? "",
            (t.MapAt("metadata") ?? []).ToDictionary(m => m.Key, m => m.Value.AsText() ?? "", StringComparer.Ordinal),
            t.TextAt("authenticationRef", "name"),
            t.TextAt("authenticationRef", "kind"),
            t.TextAt("metricType") is { Length: > 0 } type ? type : AverageValue,
            t.FlagAt("useCachedMetrics"))),
    ];

    public DateTimeOffset? LastActive => value.TimeAt("status", "lastActiveTime");

    public DateTimeOffset Created => value.TimeAt("metadata", "creationTimestamp") ?? default;

    public bool IsPaused => PausedReplicas is not null || Annotation("paused-replicas") is not null || Flag("paused");

    public int? PausedReplicas =>
        int.TryParse(Annotation("paused-replicas"), System.Globalization.CultureInfo.InvariantCulture, out var replicas) ? replicas : null;

    public bool IsScaleInPaused => Flag("paused-scale-in");

    public bool IsScaleOutPaused => Flag("paused-scale-out");

    public bool IsActivationForced => Flag("force-activation");

    private string? Annotation(string name) => value.Annotation(Annotations + name);

    /// <summary>As KEDA reads it: what is there and not a boolean counts as true.</summary>
    private bool Flag(string name) => Annotation(name) is { } text && text is not ("false" or "False" or "FALSE" or "f" or "F" or "0");
}
