using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using K8sQueue.Operator.Entities.Schema;

namespace K8sQueue.Operator.Entities;

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

    [MaxLength(8)]
    [Description("Times at which the pool has at least so many replicas, whatever the queues hold. Of several the largest counts.")]
    public List<ScheduleSpec>? Schedules { get; set; }
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
