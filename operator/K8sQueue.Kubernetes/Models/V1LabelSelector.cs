namespace K8sQueue.Kubernetes.Models;

/// <summary>A query over labels: all requirements hold. An empty selector matches everything.</summary>
public sealed class V1LabelSelector
{
    public Dictionary<string, string>? MatchLabels { get; set; }

    public List<V1LabelSelectorRequirement>? MatchExpressions { get; set; }
}

public sealed class V1LabelSelectorRequirement
{
    public string Key { get; set; } = "";

    /// <summary>In, NotIn, Exists or DoesNotExist.</summary>
    public string Operator { get; set; } = "";

    public List<string>? Values { get; set; }
}
