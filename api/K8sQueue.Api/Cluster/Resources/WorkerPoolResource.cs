using System.Text.Json;
using System.Text.Json.Serialization;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Api.Cluster.Resources;

/// <summary>A WorkerPool, to be read: what is shown of it. The operator's own types have all of it.</summary>
[KubernetesEntity(Group = ClusterNames.Group, ApiVersion = ClusterNames.Version, Kind = "WorkerPool", PluralName = "workerpools")]
internal sealed class WorkerPoolResource : CustomKubernetesEntity<PoolSpec, PoolStatus>;

internal sealed class PoolSpec
{
    public bool Suspend { get; set; }

    public List<PoolQueue>? Queues { get; set; }

    public PoolScaling Scaling { get; set; } = new();

    public List<PoolConnection>? Connections { get; set; }
}

internal sealed class PoolQueue
{
    public string Name { get; set; } = "";

    /// <summary>All else; the only object in it is what kind of queue it is, and its settings.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}

internal sealed class PoolScaling
{
    public int MinReplicas { get; set; }

    public int MaxReplicas { get; set; }
}

internal sealed class PoolConnection
{
    public string Budget { get; set; } = "";

    public int PerReplica { get; set; }
}

internal sealed class PoolStatus
{
    public int Replicas { get; set; }

    public int ReadyReplicas { get; set; }

    public int DesiredReplicas { get; set; }

    public int EffectiveMaxReplicas { get; set; }

    public string? LimitedBy { get; set; }

    public int DrainingReplicas { get; set; }

    public DateTimeOffset? OldestDrainStartedAt { get; set; }

    public int WaitingReplicas { get; set; }

    public string? CurrentRevision { get; set; }

    public string? StableRevision { get; set; }

    public int UpdatedReplicas { get; set; }

    public long? ObservedGeneration { get; set; }

    public List<V1Condition>? Conditions { get; set; }
}
