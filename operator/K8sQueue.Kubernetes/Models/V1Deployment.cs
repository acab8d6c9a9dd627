using System.Text.Json.Nodes;

namespace K8sQueue.Kubernetes.Models;

/// <summary>apps/v1 Deployment.</summary>
[KubernetesEntity(Group = "apps", ApiVersion = "v1", Kind = "Deployment", PluralName = "deployments")]
public sealed class V1Deployment : KubernetesObject
{
    public V1DeploymentSpec Spec { get; set; } = new();

    public V1DeploymentStatus? Status { get; set; }
}

public sealed class V1DeploymentSpec
{
    public int? Replicas { get; set; }

    public V1LabelSelector? Selector { get; set; }

    public V1DeploymentStrategy? Strategy { get; set; }

    public int? MinReadySeconds { get; set; }

    public int? RevisionHistoryLimit { get; set; }

    public int? ProgressDeadlineSeconds { get; set; }

    public bool? Paused { get; set; }

    /// <summary>The pod template, untouched: a user may write anything there that the API server accepts.</summary>
    public JsonObject? Template { get; set; }
}

public sealed class V1DeploymentStrategy
{
    /// <summary>RollingUpdate or Recreate.</summary>
    public string? Type { get; set; }

    public V1RollingUpdateDeployment? RollingUpdate { get; set; }
}

public sealed class V1RollingUpdateDeployment
{
    public IntOrString? MaxSurge { get; set; }

    public IntOrString? MaxUnavailable { get; set; }
}

public sealed class V1DeploymentStatus
{
    public long? ObservedGeneration { get; set; }

    public int? Replicas { get; set; }

    public int? UpdatedReplicas { get; set; }

    public int? ReadyReplicas { get; set; }

    public int? AvailableReplicas { get; set; }

    public int? UnavailableReplicas { get; set; }

    public int? TerminatingReplicas { get; set; }

    public List<V1Condition>? Conditions { get; set; }
}
