using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using K8sQueue.Operator.Entities.Schema;

namespace K8sQueue.Operator.Entities;

[Description("What the pool runs, what it follows, and what it may hold.")]
public sealed class WorkerPoolSpec
{
    [Defaulted]
    [Range(0, 100_000)]
    [Description("Written by the autoscaler through /scale: leave it out.")]
    public int Replicas { get; set; }

    [Defaulted]
    [Description("No worker runs while this is true; the autoscaler keeps what it knows.")]
    public bool Suspend { get; set; }

    [Required]
    [MinLength(1)]
    [MaxLength(16)]
    [ListKey("name")]
    [Description("The queues whose lag the pool follows.")]
    public List<QueueSpec> Queues { get; set; } = [];

    [Defaulted]
    [Description("How far, and how fast, the pool scales.")]
    public ScalingSpec Scaling { get; set; } = new();

    [MaxLength(8)]
    [ListKey("budget")]
    [Description("What each replica holds of which ConnectionBudget of the same namespace. A pool without any is not gated.")]
    public List<ConnectionSpec>? Connections { get; set; }

    [Defaulted]
    [Description("What a worker gets to finish what it runs.")]
    public DrainSpec Drain { get; set; } = new();

    [Required]
    [Description("The pods: as in a Deployment. The worker is the container named 'worker', or else the first one.")]
    public PodTemplate Template { get; set; } = new();
}

[Description("How far, and how fast, the pool scales.")]
public sealed class ScalingSpec
{
    [Defaulted]
    [Range(0, 100_000)]
    [Description("The pool never has fewer replicas, unless suspended. 0 lets it go to zero.")]
    public int MinReplicas { get; set; }

    [Defaulted]
    [Range(1, 100_000)]
    [Description("The pool never asks for more replicas.")]
    public int MaxReplicas { get; set; } = 10;

    [Defaulted]
    [Range(1, 3600)]
    [Description("Seconds between two looks at the queues while the pool is at zero.")]
    public int PollingIntervalSeconds { get; set; } = 10;

    [Defaulted]
    [Range(0, 86_400)]
    [Description("Seconds that the queues are empty before the pool goes to zero.")]
    public int CooldownSeconds { get; set; } = 300;

    [Defaulted]
    [Range(0, 86_400)]
    [Description("Seconds after the pool's creation before it may go to zero.")]
    public int InitialCooldownSeconds { get; set; }

    [Defaulted]
    [Description("Limits on shrinking.")]
    public ScaleDownSpec ScaleDown { get; set; } = new();

    [Defaulted]
    [Description("Limits on growing.")]
    public ScaleUpSpec ScaleUp { get; set; } = new();

    [Range(1, 100_000)]
    [Description("Replicas to have while the queues cannot be read, where there are fewer. Unset: the pool stays as it is.")]
    public int? FallbackReplicas { get; set; }
}

[Description("Limits on shrinking.")]
public sealed class ScaleDownSpec
{
    [Defaulted]
    [Range(0, 3600)]
    [Description("Seconds over which the highest demand counts.")]
    public int StabilizationSeconds { get; set; } = 60;

    [Range(1, 10_000)]
    [Description("The most replicas to remove within a minute. Unset: no limit.")]
    public int? MaxPodsPerMinute { get; set; }
}

[Description("Limits on growing.")]
public sealed class ScaleUpSpec
{
    [Range(1, 10_000)]
    [Description("The most replicas to add within a minute. Unset: no limit.")]
    public int? MaxPodsPerMinute { get; set; }
}

[Description("What each replica holds of a budget.")]
public sealed class ConnectionSpec
{
    [Required]
    [MinLength(1)]
    [MaxLength(63)]
    [Description("The ConnectionBudget's name.")]
    public string Budget { get; set; } = "";

    [Required]
    [Range(1, 100_000)]
    [Description("The most connections that one replica opens; the first budget's reaches the worker as K8SQUEUE_DB_POOL_SIZE.")]
    public int PerReplica { get; set; }

    [Defaulted]
    [Range(1, 1000)]
    [Description("This pool's weight where the budget does not suffice for all.")]
    public int Weight { get; set; } = 1;
}

[Description("What a worker gets to finish what it runs.")]
public sealed class DrainSpec
{
    [Defaulted]
    [Range(1, 86_400)]
    [Description("Seconds from SIGTERM until a worker hands back what it has not finished. The pod's grace period is 30 s more.")]
    public int TimeoutSeconds { get; set; } = 30;
}
