namespace K8sQueue.Kubernetes.Models;

/// <summary>
/// v1 Pod, to be read: what tells where it is and how it fares. Most of the spec is left out, so that a cache of many stays small:
/// change one by patches only.
/// </summary>
[KubernetesEntity(ApiVersion = "v1", Kind = "Pod", PluralName = "pods")]
public sealed class V1Pod : KubernetesObject
{
    public V1PodSpec Spec { get; set; } = new();

    public V1PodStatus? Status { get; set; }
}

public sealed class V1PodSpec
{
    /// <summary>Where it was bound; null or empty before that.</summary>
    public string? NodeName { get; set; }

    /// <summary>While there is one, the scheduler leaves the pod alone.</summary>
    public List<V1PodSchedulingGate>? SchedulingGates { get; set; }

    public List<V1Container>? InitContainers { get; set; }

    public List<V1Container>? Containers { get; set; }

    public string? RestartPolicy { get; set; }

    public long? TerminationGracePeriodSeconds { get; set; }

    public string? ServiceAccountName { get; set; }
}

public sealed class V1PodSchedulingGate
{
    public string Name { get; set; } = "";
}

public sealed class V1Container
{
    public string Name { get; set; } = "";

    public string? Image { get; set; }

    /// <summary>Always, for an init container that is a sidecar.</summary>
    public string? RestartPolicy { get; set; }

    public List<V1ContainerPort>? Ports { get; set; }
}

public sealed class V1ContainerPort
{
    public string? Name { get; set; }

    public int ContainerPort { get; set; }

    public string? Protocol { get; set; }
}
