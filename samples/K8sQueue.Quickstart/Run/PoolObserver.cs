using K8sQueue.Kubernetes.Client;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Quickstart.Run;

/// <summary>Reads the pool, its budget and its queue, and keeps the peaks.</summary>
public sealed class PoolObserver(IKubernetesClient kubernetes, QueueApi api, ConnectionSampler connections, TimeProvider time)
{
    private const string Namespace = "default";
    private const string Pool = "quickstart";
    private const string Budget = "queue-redis";

    private readonly long _start = time.GetTimestamp();

    /// <summary>The most workers ready at once.</summary>
    public int PeakReady { get; private set; }

    /// <summary>The workers that the budget has room for, or the pool's maximum where that is less; from the specs, not from a status.</summary>
    public int ExpectedPeak { get; private set; }

    /// <summary>Capacity less reserved.</summary>
    public int BudgetConnections { get; private set; }

    public async Task<Moment> ObserveAsync(CancellationToken cancellationToken)
    {
        var pool = await kubernetes.GetAsync<V1Alpha1WorkerPool>(Pool, Namespace, cancellationToken);
        var budget = await kubernetes.GetAsync<V1Alpha1ConnectionBudget>(Budget, Namespace, cancellationToken);
        var queue = await api.GetFiguresAsync(QuickstartJobs.Queue, cancellationToken);
        var status = pool?.Status;
        var granted = budget?.Status?.Allocations?.FirstOrDefault(a => a.Pool == Pool)?.GrantedReplicas ?? 0;
        PeakReady = Math.Max(PeakReady, status?.ReadyReplicas ?? 0);
        if (pool is not null && budget is not null)
        {
            BudgetConnections = budget.Spec.Capacity!.Value - budget.Spec.Reserved;
            ExpectedPeak = Math.Min(pool.Spec.Scaling.MaxReplicas, BudgetConnections / pool.Spec.Connections![0].PerReplica);
        }

        return new Moment(
            time.GetElapsedTime(_start),
            queue.Backlog,
            status?.DesiredReplicas ?? 0,
            granted,
            status?.ReadyReplicas ?? 0,
            status?.DrainingReplicas ?? 0,
            queue.Completed,
            queue.Buried,
            connections.Current,
            status?.LimitedBy ?? "");
    }
}
