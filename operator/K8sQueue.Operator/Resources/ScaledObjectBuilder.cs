using System.Globalization;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Push;
using K8sQueue.Operator.Resources.Triggers;

namespace K8sQueue.Operator.Resources;

/// <summary>The ScaledObject that makes KEDA write the pool's <c>spec.replicas</c>.</summary>
public static class ScaledObjectBuilder
{
    private const int FallbackFailureThreshold = 3;

    /// <param name="push">What pushed queues need; null polls them.</param>
    public static V1Alpha1ScaledObject Build(V1Alpha1WorkerPool pool, PushTriggers? push = null)
    {
        ArgumentNullException.ThrowIfNull(pool);
        var name = pool.Metadata.Name!;
        var queues = QueueTriggers.OfAll(name, pool.Spec.Queues, push);
        var scaling = pool.Spec.Scaling;
        return new V1Alpha1ScaledObject
        {
            ApiVersion = "keda.sh/v1alpha1",
            Kind = "ScaledObject",
            Metadata = ChildMetadata.Of(pool, name),
            Spec = new ScaledObjectSpec
            {
                ScaleTargetRef = new ScaleTargetReference { ApiVersion = Labels.ApiVersion, Kind = "WorkerPool", Name = name },
                PollingInterval = scaling.PollingIntervalSeconds,
                CooldownPeriod = scaling.CooldownSeconds,
                InitialCooldownPeriod = scaling.InitialCooldownSeconds,
                MinReplicaCount = scaling.MinReplicas,
                MaxReplicaCount = scaling.MaxReplicas,
                Fallback = FallbackOf(scaling),
                Advanced = new ScaledObjectAdvanced
                {
                    RestoreToOriginalReplicaCount = false,
                    HorizontalPodAutoscalerConfig = new HorizontalPodAutoscalerConfig { Behavior = BehaviorOf(scaling) },
                    ScalingModifiers = ModifiersOf(pool.Spec, queues),
                },
                Triggers = [.. queues.SelectMany(queue => queue.Triggers), .. ScheduleTriggers.Of(scaling, HasFormula(pool.Spec))],
            },
        };
    }

    private static ScaledObjectFallback? FallbackOf(ScalingSpec scaling) =>
        scaling.FallbackReplicas is not { } replicas ? null : new ScaledObjectFallback
        {
            FailureThreshold = FallbackFailureThreshold,
            Replicas = replicas,
            Behavior = "currentReplicasIfHigher",
        };

    private static HorizontalPodAutoscalerBehavior BehaviorOf(ScalingSpec scaling) => new()
    {
        ScaleDown = new ScalingRules
        {
            StabilizationWindowSeconds = scaling.ScaleDown.StabilizationSeconds,
            Policies = PoliciesOf(scaling.ScaleDown.MaxPodsPerMinute),
        },
        ScaleUp = new ScalingRules
        {
            StabilizationWindowSeconds = 0,
            Policies = PoliciesOf(scaling.ScaleUp.MaxPodsPerMinute),
        },
    };

    private static List<ScalingPolicy>? PoliciesOf(int? podsPerMinute) =>
        podsPerMinute is { } pods ? [new ScalingPolicy { Type = "Pods", Value = pods, PeriodSeconds = 60 }] : null;

    /// <summary>
    /// One composite metric over all queues: jobs, where every queue asks for as many jobs a replica; replicas otherwise. None without
    /// jobsPerReplica: then every trigger has its own threshold and the HPA takes the largest.
    /// </summary>
    private static ScalingModifiers? ModifiersOf(WorkerPoolSpec spec, IReadOnlyList<QueueTriggers> queues)
    {
        if (!HasFormula(spec))
            return null;
        var perReplica = spec.Queues.Select(queue => queue.JobsPerReplica!.Value).Distinct().ToList();
        var target = perReplica.Count == 1 ? perReplica[0] : 1;
        var demand = perReplica.Count == 1 ? Sum(queues) : SumOfReplicas(spec.Queues, queues);
        return new ScalingModifiers
        {
            Formula = ScheduleTriggers.Formula(demand, spec.Scaling, target),
            Target = target.ToString(CultureInfo.InvariantCulture),
            ActivationTarget = "0",
            MetricType = "AverageValue",
        };
    }

    private static bool HasFormula(WorkerPoolSpec spec) => spec.Queues.TrueForAll(queue => queue.JobsPerReplica is not null);

    private static string Sum(IReadOnlyList<QueueTriggers> queues) =>
        queues.Count == 1 ? queues[0].Term : string.Join(" + ", queues.Select(queue => $"({queue.Term})"));

    private static string SumOfReplicas(List<QueueSpec> specs, IReadOnlyList<QueueTriggers> queues) =>
        string.Join(" + ", queues.Zip(specs, (queue, spec) => FormattableString.Invariant($"({queue.Term}) / {spec.JobsPerReplica}")));
}
