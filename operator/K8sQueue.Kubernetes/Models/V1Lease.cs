using System.Text.Json.Serialization;
using K8sQueue.Kubernetes.Serialization;

namespace K8sQueue.Kubernetes.Models;

/// <summary>coordination.k8s.io/v1 Lease.</summary>
[KubernetesEntity(Group = "coordination.k8s.io", ApiVersion = "v1", Kind = "Lease", PluralName = "leases")]
public sealed class V1Lease : KubernetesObject
{
    public V1LeaseSpec? Spec { get; set; }
}

public sealed class V1LeaseSpec
{
    /// <summary>Null or empty: nobody holds it.</summary>
    public string? HolderIdentity { get; set; }

    public int? LeaseDurationSeconds { get; set; }

    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTimeOffset? AcquireTime { get; set; }

    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTimeOffset? RenewTime { get; set; }

    public int? LeaseTransitions { get; set; }
}
