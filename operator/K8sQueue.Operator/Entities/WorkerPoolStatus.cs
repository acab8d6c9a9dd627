using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities.Schema;

namespace K8sQueue.Operator.Entities;

[Description("How the pool fares.")]
public sealed class WorkerPoolStatus
{
    [Description("Replicas that serve, at most as many as were asked for: what the autoscaler reckons with.")]
    public int Replicas { get; set; }

    [Description("Replicas that are ready.")]
    public int ReadyReplicas { get; set; }

    [Description("What the autoscaler asked for, smoothed against resets.")]
    public int DesiredReplicas { get; set; }

    [Description("maxReplicas, or less where a budget allows less.")]
    public int EffectiveMaxReplicas { get; set; }

    [MaxLength(128)]
    [Description("What keeps the pool below what was asked for: MaxReplicas, ScaleUpRate, RateLimit, ConcurrencyLimit, Suspended, or ConnectionBudget/<name>.")]
    public string? LimitedBy { get; set; }

    [Description("Replicas that are on their way out: kept from new jobs, or terminating.")]
    public int DrainingReplicas { get; set; }

    [Description("When the oldest drain that is under way began.")]
    public DateTimeOffset? OldestDrainStartedAt { get; set; }

    [Description("Replicas that wait for connections.")]
    public int WaitingReplicas { get; set; }

    [MaxLength(63)]
    [Description("The hash of the template that runs.")]
    public string? CurrentRevision { get; set; }

    [MaxLength(63)]
    [Description("The last revision whose rollout was completed: it goes on where the current one never becomes ready.")]
    public string? StableRevision { get; set; }

    [Description("Replicas of the current revision that serve.")]
    public int UpdatedReplicas { get; set; }

    [MaxLength(512)]
    [Description("The label selector of the pool's pods.")]
    public string? Selector { get; set; }

    [Description("The generation of the spec that this status is about.")]
    public long? ObservedGeneration { get; set; }

    [MaxLength(16)]
    [ListKey("type")]
    [Description("Ready, Progressing, ScalingReady, CapacityLimited, Draining, Suspended, SignalComplete; Monitored where spec.monitoring asks for something.")]
    public List<V1Condition>? Conditions { get; set; }
}
