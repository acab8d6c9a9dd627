using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Entities.Keda;

namespace K8sQueue.Operator.Status;

/// <summary>All that a pool's status is made from.</summary>
public sealed record PoolObservation
{
    /// <summary>What the autoscaler asked for, smoothed; never below the minimum.</summary>
    public required int Desired { get; init; }

    /// <summary>Replicas that the pool is to have now, after suspension, budgets and rate limits.</summary>
    public required int Target { get; init; }

    public required int EffectiveMax { get; init; }

    public string? LimitedBy { get; init; }

    /// <summary>The budget that keeps the pool small; null where none does.</summary>
    public string? LimitingBudget { get; init; }

    public required PodCounts Pods { get; init; }

    /// <summary>The hash of the spec's template.</summary>
    public required string Revision { get; init; }

    /// <summary>Workers of other revisions are left, or there is nothing of this one yet.</summary>
    public bool IsRollingOut { get; init; }

    /// <summary>The revision has had its time and is not ready.</summary>
    public bool IsStalled { get; init; }

    /// <summary>The autoscaler's wish is zero, and KEDA has not said that it means it.</summary>
    public bool ZeroAwaitsWord { get; init; }

    public DrainObservation Drains { get; init; } = DrainObservation.None;

    public IReadOnlyList<PoolProblem> Problems { get; init; } = [];

    /// <summary>What is wrong on KEDA's side, known before KEDA says anything.</summary>
    public PoolProblem? ScalingProblem { get; init; }

    public V1Alpha1ScaledObject? ScaledObject { get; init; }

    /// <summary>The condition Monitored; null for none.</summary>
    public V1Condition? Monitored { get; init; }
}
