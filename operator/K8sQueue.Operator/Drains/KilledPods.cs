using System.Collections.Concurrent;
using K8sQueue.Kubernetes.Informers;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Drains;

/// <summary>
/// Pods whose worker was killed on its way out, by a deletion, an eviction or the stop of its node: one that has nothing to do exits at once, so one
/// that gets SIGKILL most likely had work. Nobody can ask it, and an image that ignores SIGTERM looks the same. Seen in the last state that the watch
/// tells of. A standby watches too: what it sees is the leader's to count, also when it leads later. One that is killed in the moment when nobody
/// leads is not counted.
/// </summary>
/// <param name="isLeading">This process leads.</param>
public sealed class KilledPods(DrainMetrics metrics, TimeProvider time, Func<bool> isLeading)
{
    private const int SigKill = 137;
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(10);

    // Until they are gone, so that each is counted once, however long it stays.
    private readonly ConcurrentDictionary<string, byte> _seen = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<NamespacedName, ConcurrentQueue<(string Pod, long At)>> _untold = new();

    /// <summary>Takes in a change of a pod. One that was there at the start, already killed, was another's to count.</summary>
    public void Observe(ResourceChange<V1Pod> change)
    {
        var pod = change.Latest;
        var isNew = WasKilled(pod) && _seen.TryAdd(pod.Metadata.Uid!, 0) && change.Old is not null;
        if (change.New is null)
            _seen.TryRemove(pod.Metadata.Uid!, out _);
        if (!isNew || !isLeading() || pod.Label(Labels.Pool) is not { } name)
            return;
        DropOld();
        var pool = new NamespacedName(pod.Metadata.Namespace!, name);
        metrics.Killed(pool);
        _untold.GetOrAdd(pool, _ => new()).Enqueue((pod.Metadata.Name!, time.GetTimestamp()));
    }

    /// <summary>The names of a pool's killed pods, each once.</summary>
    public IReadOnlyList<string> Take(NamespacedName pool) =>
        _untold.TryRemove(pool, out var killed) ? [.. killed.Where(one => time.GetElapsedTime(one.At) <= Kept).Select(one => one.Pod)] : [];

    /// <summary>Pods outlive their pool, and nobody takes those of a pool that is gone.</summary>
    private void DropOld()
    {
        foreach (var (pool, killed) in _untold)
        {
            if (killed.All(one => time.GetElapsedTime(one.At) > Kept))
                _untold.TryRemove(KeyValuePair.Create(pool, killed));
        }
    }

    /// <summary>
    /// A sidecar that ignores SIGTERM until it is killed runs no jobs. A kubelet that is short of something, or shuts down, fails the pod without a
    /// deletion; a container that is only restarted does not fail it.
    /// </summary>
    private static bool WasKilled(V1Pod pod) =>
        (pod.IsDeleting() || pod.Status?.Phase == "Failed") && pod.WorkerStatus()?.State?.Terminated is { ExitCode: SigKill, Reason: not "OOMKilled" };
}
