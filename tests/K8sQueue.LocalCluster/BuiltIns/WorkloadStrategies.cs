using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Operations;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Schema;
using K8sQueue.LocalCluster.Selectors;

namespace K8sQueue.LocalCluster.BuiltIns;

/// <summary>What Deployments and ReplicaSets share: the template, and a selector that matches it and never changes.</summary>
internal class ReplicaSetStrategy : DefaultStrategy
{
    public override void PrepareForCreate(JsonObject value) => value["status"] = new JsonObject { ["replicas"] = 0 };

    public override void Default(JsonObject value) => PodRules.Default(value.MapAt("spec", "template", "spec"));

    public override void Validate(JsonObject value, JsonObject? old, ICollection<FieldError> errors)
    {
        var spec = value.MapAt("spec");
        if (spec is null)
        {
            errors.Add(FieldError.Required("spec.selector"));
            return;
        }

        if (spec.NumberAt("replicas") is < 0 and var replicas)
            errors.Add(FieldError.Invalid("spec.replicas", replicas, "must be greater than or equal to 0"));
        Selector(spec, errors);
        MetadataRules.Labels(spec.MapAt("template", "metadata", "labels"), "spec.template.metadata.labels", errors);
        MetadataRules.Annotations(spec.MapAt("template", "metadata", "annotations"), "spec.template.metadata.annotations", errors);
        PodRules.Validate(spec.MapAt("template", "spec"), "spec.template.spec", errors);
        if (spec.At("template", "spec", "activeDeadlineSeconds") is not null)
            errors.Add(FieldError.Forbidden("spec.template.spec.activeDeadlineSeconds", "activeDeadlineSeconds in ReplicaSet is not Supported"));
        if (spec.TextAt("template", "spec", "restartPolicy") is { } policy and not "Always")
            errors.Add(FieldError.NotSupported("spec.template.spec.restartPolicy", policy, ["Always"]));
        if (old is not null && !JsonNode.DeepEquals(spec.At("selector"), old.At("spec", "selector")))
            errors.Add(FieldError.Invalid("spec.selector", spec.At("selector"), "field is immutable"));
    }

    private static void Selector(JsonObject spec, ICollection<FieldError> errors)
    {
        if (spec.MapAt("selector") is not { } selector)
            return;
        var labels = spec.MapAt("template", "metadata", "labels");
        if (selector.All(s => s.Value is not (JsonObject { Count: > 0 } or JsonArray { Count: > 0 })))
            errors.Add(FieldError.Invalid("spec.selector", selector, "empty selector is invalid for deployment"));
        else if (!LabelSelector.From(selector).Matches(labels))
            errors.Add(FieldError.Invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"));
    }
}

/// <summary>Deployments.</summary>
internal sealed class DeploymentStrategy : ReplicaSetStrategy
{
    public override void PrepareForCreate(JsonObject value) => value["status"] = new JsonObject();

    public override void Default(JsonObject value)
    {
        base.Default(value);
        if (value.MapAt("spec", "strategy") is not { } strategy || strategy.TextAt("type") != "RollingUpdate")
            return;
        var rolling = strategy.Need("rollingUpdate");
        rolling["maxUnavailable"] ??= "25%";
        rolling["maxSurge"] ??= "25%";
    }

    public override void Validate(JsonObject value, JsonObject? old, ICollection<FieldError> errors)
    {
        base.Validate(value, old, errors);
        var strategy = value.MapAt("spec", "strategy");
        if (strategy.TextAt("type") == "Recreate" && strategy.At("rollingUpdate") is not null)
        {
            errors.Add(FieldError.Forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'"));
        }
        else if (IsZero(strategy.At("rollingUpdate", "maxSurge")) && IsZero(strategy.At("rollingUpdate", "maxUnavailable")))
        {
            errors.Add(FieldError.Invalid(
                "spec.strategy.rollingUpdate.maxUnavailable", 0, "may not be 0 when `maxSurge` is 0"));
        }
    }

    private static bool IsZero(JsonNode? value) => value.AsInteger() == 0 || value.AsText() is "0" or "0%";
}

/// <summary>HorizontalPodAutoscalers.</summary>
internal sealed class AutoscalerStrategy : DefaultStrategy
{
    public override void Validate(JsonObject value, JsonObject? old, ICollection<FieldError> errors)
    {
        var (minimum, maximum) = (value.NumberAt("spec", "minReplicas") ?? 1, value.NumberAt("spec", "maxReplicas") ?? 0);
        if (minimum < 0)
            errors.Add(FieldError.Invalid("spec.minReplicas", minimum, "must be greater than or equal to 1"));
        if (maximum < 1)
            errors.Add(FieldError.Invalid("spec.maxReplicas", maximum, "must be greater than 0"));
        else if (maximum < minimum)
            errors.Add(FieldError.Invalid("spec.maxReplicas", maximum, "must be greater than or equal to `minReplicas`"));
    }
}

/// <summary>PodDisruptionBudgets.</summary>
internal sealed class DisruptionBudgetStrategy : DefaultStrategy
{
    public override void Validate(JsonObject value, JsonObject? old, ICollection<FieldError> errors)
    {
        if (value.At("spec", "minAvailable") is not null && value.At("spec", "maxUnavailable") is not null)
            errors.Add(FieldError.Invalid("spec", value.At("spec"), "minAvailable and maxUnavailable cannot be both set"));
    }
}
