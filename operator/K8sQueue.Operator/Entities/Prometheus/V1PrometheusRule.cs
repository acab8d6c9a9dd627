using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Entities.Prometheus;

/// <summary>The Prometheus operator's monitoring.coreos.com/v1 PrometheusRule, as far as it is written here.</summary>
[KubernetesEntity(Group = "monitoring.coreos.com", ApiVersion = "v1", Kind = "PrometheusRule", PluralName = "prometheusrules")]
public sealed class V1PrometheusRule : KubernetesObject
{
    public PrometheusRuleSpec Spec { get; set; } = new();
}

public sealed class PrometheusRuleSpec
{
    public List<RuleGroup> Groups { get; set; } = [];
}

public sealed class RuleGroup
{
    public string Name { get; set; } = "";

    public List<AlertingRule> Rules { get; set; } = [];
}

public sealed class AlertingRule
{
    public string Alert { get; set; } = "";

    public string Expr { get; set; } = "";

    /// <summary>For how long the expression holds before the alert fires; at once where it is null.</summary>
    public string? For { get; set; }

    public Dictionary<string, string> Labels { get; set; } = [];

    public Dictionary<string, string> Annotations { get; set; } = [];
}
