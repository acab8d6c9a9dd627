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
    [Description("What a worker gets to finish what it runs, and which workers go first.")]
    public DrainSpec Drain { get; set; } = new();

    [Defaulted]
    [Description("How a new revision takes the place of the one before.")]
    public RolloutSpec Rollout { get; set; } = new();

    [Defaulted]
    [Description("What is made for the Prometheus operator, where there is one.")]
    public MonitoringSpec Monitoring { get; set; } = new();

    [Required]
    [Description("The pods: as in a Deployment. The worker is the container named 'worker', or else the first one.")]
    public PodTemplate Template { get; set; } = new();
}
