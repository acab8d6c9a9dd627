using System.Collections.Concurrent;
using K8sQueue.Kubernetes.Informers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Resources.Pods;

namespace K8sQueue.Operator.Drains;

/// <summary>
/// Pods that were killed while they drained: a worker that finishes in time exits by itself, so one that gets SIGKILL after its deletion had work.
/// Seen in the last state that the watch tells of.
/// </summary>
public sealed class KilledPods(DrainMetrics metrics, TimeProvider time)
{
    private const int SigKill = 137;
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, long> _counted = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<NamespacedName, ConcurrentQueue<string>> _untold = new();

    /// <summary>Takes in a change of a pod. One that was there at the start, already killed, was another's to count.</summary>
    public void Observe(ResourceChange<V1Pod> change)
    {
        var pod = change.Latest;
        if (change.Old is null || !WasKilled(pod) || pod.Label(Labels.Pool) is not { } name
            || !_counted.TryAdd(pod.Metadata.Uid!, time.GetTimestamp()))
        {
            return;
        }

        foreach (var (uid, at) in _counted)
        {
            if (time.GetElapsedTime(at) > Kept)
                _counted.TryRemove(uid, out _);
        }

        var pool = new NamespacedName(pod.Metadata.Namespace!, name);
        metrics.Killed(pool);
        _untold.GetOrAdd(pool, _ => new()).Enqueue(pod.Metadata.Name!);
    }

    /// <summary>The names of a pool's killed pods, each once.</summary>
    public IReadOnlyList<string> Take(NamespacedName pool)
    {
        if (!_untold.TryRemove(pool, out var names))
            return [];
        return [.. names];
    }

    /// <summary>A sidecar that ignores SIGTERM until it is killed runs no jobs.</summary>
    private static bool WasKilled(V1Pod pod)
    {
        var names = (pod.Spec.Containers ?? []).Select(container => container.Name).ToList();
        var worker = names.Contains(PodTemplateBuilder.WorkerContainer) ? PodTemplateBuilder.WorkerContainer : names.FirstOrDefault();
        return pod.IsDeleting() && (pod.Status?.ContainerStatuses ?? []).Exists(status =>
            status.Name == worker && status.State?.Terminated is { ExitCode: SigKill, Reason: not "OOMKilled" });
    }
}
