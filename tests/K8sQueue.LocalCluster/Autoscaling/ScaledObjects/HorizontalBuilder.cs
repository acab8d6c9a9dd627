using System.Globalization;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Autoscaling.Scalers;
using K8sQueue.LocalCluster.Controllers.ReplicaSets;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Autoscaling.ScaledObjects;

/// <summary>The HorizontalPodAutoscaler of a ScaledObject.</summary>
internal static class HorizontalBuilder
{
    public static JsonObject Build(ScaledObject value, IReadOnlyList<(Trigger Trigger, IScaler Scaler)> scalers)
    {
        var labels = new JsonObject
        {
            ["app.kubernetes.io/name"] = value.HorizontalName,
            ["app.kubernetes.io/version"] = "localcluster",
            ["app.kubernetes.io/part-of"] = value.Name,
            ["app.kubernetes.io/managed-by"] = "keda-operator",
        };
        foreach (var (name, text) in value.Value.Labels() ?? [])
            labels[name] = text?.DeepClone();
        var metadata = new JsonObject
        {
            ["name"] = value.HorizontalName,
            ["namespace"] = value.Namespace,
            ["labels"] = labels,
            ["ownerReferences"] = new JsonArray(PodBuilder.ControllerReference(value.Value)),
        };
        if (value.Value.MapAt("metadata", "annotations") is { Count: > 0 } annotations)
            metadata["annotations"] = annotations.DeepClone();
        var spec = new JsonObject
        {
            ["scaleTargetRef"] = new JsonObject { ["apiVersion"] = value.Target.ApiVersion, ["kind"] = value.Target.Kind, ["name"] = value.Target.Name },
            ["minReplicas"] = value.HorizontalMinimum,
            ["maxReplicas"] = value.Maximum,
            ["metrics"] = new JsonArray([.. Metrics(value, scalers)]),
        };
        if (Behavior(value) is { } behavior)
            spec["behavior"] = behavior;
        return new JsonObject { ["apiVersion"] = "autoscaling/v2", ["kind"] = "HorizontalPodAutoscaler", ["metadata"] = metadata, ["spec"] = spec };
    }

    /// <summary>A Kubernetes quantity: whole, or in thousandths.</summary>
    public static string Quantity(double value)
    {
        var milli = (long)(value * 1000);
        return milli % 1000 == 0
            ? (milli / 1000).ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{milli}m");
    }

    private static IEnumerable<JsonNode> Metrics(ScaledObject value, IReadOnlyList<(Trigger Trigger, IScaler Scaler)> scalers)
    {
        if (value.Modifiers is { } modifiers)
            return [Metric(value, ScaledObject.CompositeMetric, modifiers.MetricType, double.Parse(modifiers.Target, CultureInfo.InvariantCulture))];
        return scalers.Select(s => Metric(value, s.Scaler.MetricName, s.Trigger.MetricType, s.Scaler.Target));
    }

    private static JsonObject Metric(ScaledObject value, string name, string type, double target) => new()
    {
        ["type"] = "External",
        ["external"] = new JsonObject
        {
            ["metric"] = new JsonObject
            {
                ["name"] = name,
                ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { [ScaledObject.Label] = value.Name } },
            },
            ["target"] = new JsonObject { ["type"] = type, [type == "Value" ? "value" : "averageValue"] = Quantity(target) },
        },
    };

    private static JsonObject? Behavior(ScaledObject value)
    {
        var behavior = value.Behavior?.Copy();
        if (!value.IsScaleInPaused && !value.IsScaleOutPaused)
            return behavior;
        behavior ??= [];
        if (value.IsScaleInPaused)
            behavior.Need("scaleDown")["selectPolicy"] = "Disabled";
        if (value.IsScaleOutPaused)
            behavior.Need("scaleUp")["selectPolicy"] = "Disabled";
        return behavior;
    }
}
