using System.Diagnostics.Metrics;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Drains;

/// <summary>How scale-ins and rollouts treat workers.</summary>
public sealed class DrainMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "K8sQueue.Operator.Drains";

    private readonly Counter<long> _drains;
    private readonly Counter<long> _killed;

    public DrainMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(MeterName);
        _drains = meter.CreateCounter<long>(
            "k8squeue_workerpool_drains_total",
            description: "Workers chosen by a scale-in or a rollout, by outcome: idle (gone without a job), sigterm (gone with jobs, or unknown), "
                + "resumed (taken back), timed_out (not idle in time).");
        _killed = meter.CreateCounter<long>(
            "k8squeue_workerpool_killed_pods_total",
            description: "Pods whose worker got SIGKILL after a deletion, an eviction or the stop of its node, since it did not end by itself: it most "
                + "likely had work in flight.");
    }

    internal void Drained(NamespacedName pool, string outcome) => _drains.Add(1, [.. Tags(pool), new("outcome", outcome)]);

    internal void Killed(NamespacedName pool) => _killed.Add(1, Tags(pool));

    private static KeyValuePair<string, object?>[] Tags(NamespacedName pool) => [new("namespace", pool.Namespace), new("pool", pool.Name)];

    internal static class Outcomes
    {
        public const string Idle = "idle";
        public const string Sigterm = "sigterm";
        public const string Resumed = "resumed";
        public const string TimedOut = "timed_out";
    }
}
