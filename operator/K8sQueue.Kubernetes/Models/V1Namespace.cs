namespace K8sQueue.Kubernetes.Models;

/// <summary>v1 Namespace.</summary>
[KubernetesEntity(ApiVersion = "v1", Kind = "Namespace", PluralName = "namespaces", ClusterScoped = true)]
public sealed class V1Namespace : KubernetesObject
{
    public V1NamespaceStatus? Status { get; set; }
}

public sealed class V1NamespaceStatus
{
    /// <summary>Active or Terminating.</summary>
    public string? Phase { get; set; }
}
