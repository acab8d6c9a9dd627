using System.Collections.Concurrent;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Scaling;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>What the operator remembers of a pool between reconciliations. All of it may be lost: see each part.</summary>
internal sealed class PoolMemory(V1Alpha1WorkerPool pool, TimeProvider time)
{
    /// <summary>Starts from the status.</summary>
    public ReplicaDemand Demand { get; } = new(pool.Status?.DesiredReplicas ?? 0, time);

    public ReplicaRate Rate { get; } = new(time);

    public DrainMemory Drains { get; } = new();

    public QueueLimitView QueueLimit { get; } = new();

    /// <summary>The size decided last; null at first: then the Deployments tell.</summary>
    public int? Target { get; set; }

    /// <summary>When the management token's Secret was seen; null for not yet.</summary>
    public long? ManagementSecretSeen { get; set; }

    /// <summary>What the last look at the Secrets found, for that generation; looked at again after a while.</summary>
    public Remembered<IReadOnlyList<PoolProblem>>? References { get; set; }

    /// <summary>What keeps the objects of <c>spec.monitoring</c> from being as they are to be, by kind; null for not yet looked at.</summary>
    public Dictionary<string, Remembered<PoolProblem?>>? Monitoring { get; set; }

    /// <summary>The template that the API server refused, and what it said.</summary>
    public Remembered<PoolProblem>? Refused { get; set; }
}

/// <summary>A finding, what it was about, and when it was had.</summary>
internal sealed record Remembered<T>(string Key, T Value, long At);

/// <summary>The memories, by the UID of the pool.</summary>
internal sealed class PoolMemories(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, PoolMemory> _memories = new(StringComparer.Ordinal);

    public PoolMemory Of(V1Alpha1WorkerPool pool) => _memories.GetOrAdd(pool.Metadata.Uid!, _ => new PoolMemory(pool, time));

    public void Forget(IKubernetesObject pool) => _memories.TryRemove(pool.Metadata.Uid!, out _);
}
