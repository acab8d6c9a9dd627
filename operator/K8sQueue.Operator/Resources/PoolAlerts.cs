using System.Globalization;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Prometheus;
using K8sQueue.Operator.Resources.Pods;

namespace K8sQueue.Operator.Resources;

/// <summary>A pool's alerts, over the metrics of the operator and, of native queues, of the API. Every replica of either shows the same.</summary>
internal static class PoolAlerts
{
    public static IEnumerable<AlertingRule> Of(V1Alpha1WorkerPool pool)
    {
        yield return Make(
            pool, "K8sQueueWorkerPoolNotReady", $"{Metric(pool, "k8squeue_workerpool_ready")} == 0", "15m",
            "is not Ready: its condition says why.");
        yield return Make(
            pool, "K8sQueueWorkerPoolNotScaling", $"{Metric(pool, "k8squeue_workerpool_scaling_ready")} == 0", "10m",
            "does not follow its queues: its condition ScalingReady says why.");
        yield return Make(
            pool, "K8sQueueWorkerPoolLimitedByBudget", $"{Metric(pool, "k8squeue_workerpool_capacity_limited")} == 1", "30m",
            "has fewer workers than its queues ask for: a connection budget allows no more.");
        yield return Make(
            pool, "K8sQueueDrainTakesLong", $"{Metric(pool, "k8squeue_workerpool_oldest_drain_seconds")} > {DrainSeconds(pool.Spec)}", "5m",
            "has a worker that has been on its way out for longer than its drain time-out and grace period: its condition Draining says more.");
        if (NativeQueues(pool.Spec) is { Length: > 0 } queues)
        {
            yield return Make(
                pool, "K8sQueueJobsBuried", $$"""max by (queue) (increase(k8squeue_queue_jobs_total{queue=~"{{queues}}",step="buried"}[15m])) > 0""", null,
                "buries jobs of the queue {{ $labels.queue }}: its dead letters say why.");
        }
    }

    /// <summary>
    /// A scrape that has the label <c>namespace</c> of its target renames the operator's own, which says where the pool is, to
    /// <c>exported_namespace</c>, unless it honours labels.
    /// </summary>
    private static string Metric(V1Alpha1WorkerPool pool, string metric)
    {
        var (name, @namespace) = (pool.Metadata.Name, pool.Metadata.Namespace);
        return $$"""
            max({{metric}}{pool="{{name}}",exported_namespace="{{@namespace}}"} or {{metric}}{pool="{{name}}",namespace="{{@namespace}}",exported_namespace=""})
            """;
    }

    /// <summary>With IdleOnly a worker is waited for until the time-out, and then has its grace period.</summary>
    private static string DrainSeconds(WorkerPoolSpec spec) =>
        (spec.Drain.TimeoutSeconds + PodTemplateBuilder.GraceSecondsOf(spec)).ToString(CultureInfo.InvariantCulture);

    /// <summary>A regular expression of their names; a dot is the one character in them that means something in it.</summary>
    private static string NativeQueues(WorkerPoolSpec spec) => string.Join(
        '|', spec.Queues.Where(queue => queue.K8squeue is not null).Select(queue => queue.Name.Replace(".", "[.]", StringComparison.Ordinal)));

    /// <param name="hold">For how long before it fires; null for at once.</param>
    /// <param name="text">What is wrong: the rest of a sentence about the pool.</param>
    private static AlertingRule Make(V1Alpha1WorkerPool pool, string name, string expression, string? hold, string text) => new()
    {
        Alert = name,
        Expr = expression,
        For = hold,
        Labels = new Dictionary<string, string>
        {
            ["severity"] = "warning",
            ["namespace"] = pool.Metadata.Namespace!,
            ["pool"] = pool.Metadata.Name!,
        },
        Annotations = new Dictionary<string, string>
        {
            ["summary"] = $"The WorkerPool {pool.Metadata.Namespace}/{pool.Metadata.Name} {text}",
            ["description"] = $"kubectl describe workerpool {pool.Metadata.Name} -n {pool.Metadata.Namespace}",
        },
    };
}
