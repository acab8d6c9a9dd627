using System.Diagnostics.Metrics;
using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Controllers;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Hosting;

/// <summary>The pools and budgets as gauges, read from the caches when somebody looks.</summary>
public sealed class OperatorMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "K8sQueue.Operator";

    private readonly PoolStores _stores;

    public OperatorMetrics(IMeterFactory meters, PoolStores stores, OperatorStatus status, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(meters);
        _stores = stores;
        var meter = meters.Create(MeterName);
        Pools(meter, "k8squeue_workerpool_desired_replicas", "Replicas that the autoscaler asked for.", status => status.DesiredReplicas);
        Pools(meter, "k8squeue_workerpool_replicas", "Replicas that serve.", status => status.Replicas);
        Pools(meter, "k8squeue_workerpool_ready_replicas", "Replicas that are ready.", status => status.ReadyReplicas);
        Pools(meter, "k8squeue_workerpool_draining_replicas", "Replicas that finish what they have and leave.", status => status.DrainingReplicas);
        Pools(
            meter, "k8squeue_workerpool_oldest_drain_seconds", "How long the oldest drain that is under way has taken; 0 where none is.",
            status => status.OldestDrainStartedAt is { } at ? (int)Math.Max(0, (time.GetUtcNow() - at).TotalSeconds) : 0);
        Pools(meter, "k8squeue_workerpool_waiting_replicas", "Replicas that wait for connections.", status => status.WaitingReplicas);
        Pools(meter, "k8squeue_workerpool_max_replicas", "The most replicas, by the spec and the budgets.", status => status.EffectiveMaxReplicas);
        Pools(meter, "k8squeue_workerpool_ready", "1 where the pool is Ready.", status => status.Conditions.IsTrue(Conditions.Ready) ? 1 : 0);
        Pools(
            meter, "k8squeue_workerpool_scaling_ready", "1 where KEDA reads the queues and scales the pool.",
            status => status.Conditions.IsTrue(Conditions.ScalingReady) ? 1 : 0);
        Pools(
            meter, "k8squeue_workerpool_capacity_limited", "1 where a budget keeps the pool smaller than asked.",
            status => status.Conditions.IsTrue(Conditions.CapacityLimited) ? 1 : 0);
        Budgets(
            meter, "k8squeue_connectionbudget_usable_connections", "Connections that pools may hold.",
            ConnectionLedger.Usable);
        Budgets(
            meter, "k8squeue_connectionbudget_used_connections", "Connections granted, pending and held.",
            budget => budget.Status?.InUse ?? 0);
        meter.CreateObservableGauge(
            "k8squeue_operator_refused_namespaces",
            () => status.RefusedNamespaces.Select(name => new Measurement<int>(1, new KeyValuePair<string, object?>("namespace", name))),
            unit: null,
            "1 for each watched namespace in which something may not be listed, and whose pools are left alone.");
    }

    private void Pools(Meter meter, string name, string description, Func<WorkerPoolStatus, int> value) =>
        meter.CreateObservableGauge(
            name,
            () => _stores.Pools.List().Where(pool => pool.Status is not null)
                .Select(pool => new Measurement<int>(value(pool.Status!), Tags("pool", pool))),
            unit: null,
            description);

    private void Budgets(Meter meter, string name, string description, Func<V1Alpha1ConnectionBudget, int> value) =>
        meter.CreateObservableGauge(
            name,
            () => _stores.Budgets.List().Select(budget => new Measurement<int>(value(budget), Tags("budget", budget))),
            unit: null,
            description);

    private static KeyValuePair<string, object?>[] Tags(string kind, IKubernetesObject value) =>
        [new("namespace", value.Metadata.Namespace), new(kind, value.Metadata.Name)];
}
