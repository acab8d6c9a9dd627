using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities.Schema;

namespace K8sQueue.Operator.Entities;

[Description("Who holds what.")]
public sealed class ConnectionBudgetStatus
{
    /// <summary>Pods that the record holds, in all three lists together: what more of them takes is beyond what etcd keeps of one object.</summary>
    public const int MostHolders = 10_000;

    [Description("The connections that count as the server's capacity now; unset while it is not known.")]
    public int? Capacity { get; set; }

    [Description("What the server said last.")]
    public DiscoveredCapacity? Discovered { get; set; }

    [Description("Connections kept out of the pools' reach: reserved and external.")]
    public int Reserved { get; set; }

    [Description("Connections that pods hold or may hold: granted, pending and held together.")]
    public int InUse { get; set; }

    [Description("Connections left to grant.")]
    public int Available { get; set; }

    [MaxLength(MostHolders)]
    [Description("Pods that were granted their connections and are not known to have ended.")]
    public List<ConnectionHolder>? Granted { get; set; }

    [MaxLength(MostHolders)]
    [Description("Pods whose grant is under way.")]
    public List<ConnectionHolder>? Pending { get; set; }

    [MaxLength(MostHolders)]
    [Description("Pods that went without word of their end; their connections are free again after lostHoldSeconds.")]
    public List<ConnectionHolder>? Held { get; set; }

    [MaxLength(1_000)]
    [Description("What each pool has.")]
    public List<PoolAllocation>? Allocations { get; set; }

    [Description("The generation of the spec that this status is about.")]
    public long? ObservedGeneration { get; set; }

    [MaxLength(16)]
    [ListKey("type")]
    [Description("Ready, Exhausted, Discovered, Unaccounted.")]
    public List<V1Condition>? Conditions { get; set; }
}

[Description("A capacity that a server was asked for.")]
public sealed class DiscoveredCapacity
{
    [Description("The connections that it accepts from the pools and everybody else.")]
    public int Capacity { get; set; }

    [MaxLength(1024)]
    [Description("Where it was read. It counts for nothing once the spec names another server.")]
    public string Source { get; set; } = "";
}

[Description("A pod that counts against the budget.")]
public sealed class ConnectionHolder
{
    [MaxLength(64)]
    [Description("The pod's UID.")]
    public string Uid { get; set; } = "";

    [MaxLength(253)]
    [Description("The pod's name.")]
    public string Pod { get; set; } = "";

    [Description("What it is charged.")]
    public int Connections { get; set; }

    [Description("Since when it is held; only in held.")]
    public DateTimeOffset? Since { get; set; }
}

[Description("What a pool has of the budget.")]
public sealed class PoolAllocation
{
    [MaxLength(253)]
    [Description("The WorkerPool's name.")]
    public string Pool { get; set; } = "";

    [Description("Connections a replica, by the pool's spec.")]
    public int PerReplica { get; set; }

    [Description("Replicas that are served before anybody's further demand. What others may have at most depends on it.")]
    public int MinReplicas { get; set; }

    [Description("Pods that hold connections, ending ones included.")]
    public int Pods { get; set; }

    [Description("Replicas that the pool's share allows now.")]
    public int GrantedReplicas { get; set; }

    [Description("Connections that its pods hold.")]
    public int Connections { get; set; }
}
