using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;

namespace K8sQueue.Operator.Drains;

/// <summary>A pool's drains, for its status.</summary>
/// <param name="IsManaged">Its workers can be asked how busy they are.</param>
/// <param name="OldestStartedAt">When the oldest drain that is under way began; null where none is.</param>
/// <param name="Late">Names of pods that are waited for longer than the time-out.</param>
/// <param name="Unreachable">Names of pods that keep a scale-in waiting, since nobody knows how busy they are.</param>
public sealed record DrainObservation(
    bool IsManaged, DateTimeOffset? OldestStartedAt, IReadOnlyList<string> Late, IReadOnlyList<string> Unreachable)
{
    public static readonly DrainObservation None = new(true, null, [], []);

    internal static DrainObservation Of(IEnumerable<V1Pod> pods, DrainMemory memory, bool isManaged)
    {
        var terminating = pods.Where(pod => pod.IsDeleting() && !pod.IsGated() && !pod.HasEnded()).Select(pod => pod.LeavingSince());
        return new(isManaged, terminating.Append(memory.Oldest).Min(), [.. memory.Late], [.. memory.Unreachable]);
    }
}
