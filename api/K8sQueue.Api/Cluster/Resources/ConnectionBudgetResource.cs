using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Api.Cluster.Resources;

/// <summary>A ConnectionBudget, to be read: what is shown of it. Where its capacity was read from is not: it names Secrets.</summary>
[KubernetesEntity(Group = ClusterNames.Group, ApiVersion = ClusterNames.Version, Kind = "ConnectionBudget", PluralName = "connectionbudgets")]
internal sealed class ConnectionBudgetResource : CustomKubernetesEntity<BudgetSpec, BudgetStatus>;

internal sealed class BudgetSpec
{
    public List<BudgetExternal>? External { get; set; }
}

internal sealed class BudgetExternal
{
    public string Name { get; set; } = "";

    public int Connections { get; set; }
}

internal sealed class BudgetStatus
{
    public int? Capacity { get; set; }

    public int Reserved { get; set; }

    public int InUse { get; set; }

    public int Available { get; set; }

    public List<BudgetHolder>? Granted { get; set; }

    public List<BudgetHolder>? Pending { get; set; }

    public List<BudgetHolder>? Held { get; set; }

    public List<BudgetAllocation>? Allocations { get; set; }

    public long? ObservedGeneration { get; set; }

    public List<V1Condition>? Conditions { get; set; }
}

internal sealed class BudgetHolder
{
    public string Pod { get; set; } = "";

    public int Connections { get; set; }

    public DateTimeOffset? Since { get; set; }
}

internal sealed class BudgetAllocation
{
    public string Pool { get; set; } = "";

    public int PerReplica { get; set; }

    public int MinReplicas { get; set; }

    public int Pods { get; set; }

    public int GrantedReplicas { get; set; }

    public int Connections { get; set; }
}
