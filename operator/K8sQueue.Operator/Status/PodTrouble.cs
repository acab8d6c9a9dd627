using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;

namespace K8sQueue.Operator.Status;

/// <summary>
/// Why a pod does not become ready, in words that stay the same while the trouble does: a container that fails goes round and round through
/// several states, and none of that is news. What a container wrote to its termination log is left out: it may hold anything.
/// </summary>
internal static class PodTrouble
{
    private const int MaxLength = 512;

    private static readonly HashSet<string> Beginnings = new(StringComparer.Ordinal) { "ContainerCreating", "PodInitializing" };

    /// <summary>Of the first pod, by name, that is in trouble; those that run before those that ended.</summary>
    public static string? Of(IEnumerable<V1Pod> pods) =>
        pods.OrderBy(pod => pod.HasEnded()).ThenBy(pod => pod.Metadata.Name, StringComparer.Ordinal).Select(Of).FirstOrDefault(text => text is not null);

    /// <summary>Why pods can't even be made: a quota, Pod Security, a missing ServiceAccount.</summary>
    public static string? Of(V1Deployment? deployment) =>
        deployment?.Status?.Conditions.Find("ReplicaFailure") is { Status: V1Condition.True } failure
            ? Shorten($"{failure.Reason}: {failure.Message}")
            : null;

    public static string? Of(V1Pod pod)
    {
        if (pod.Status is not { } status || status.Conditions.IsTrue("Ready"))
            return null;
        if (status.Phase == "Failed")
            return Text(pod, status.Reason ?? "Failed", status.Message);
        foreach (var container in (status.InitContainerStatuses ?? []).Concat(status.ContainerStatuses ?? []))
        {
            if (Of(container) is var (reason, message))
                return Text(pod, reason, message);
        }

        if (status.Conditions.Find("PodScheduled") is { Status: V1Condition.False, Reason: "Unschedulable" } scheduled)
            return Text(pod, "Unschedulable", scheduled.Message);
        return status.ContainerStatuses?.Find(container => container is { Ready: false, State.Running: not null, Started: not false }) is { } unready
            ? Text(pod, "NotReady", $"container {unready.Name} runs, but its readiness probe fails")
            : null;
    }

    private static (string Reason, string? Message)? Of(V1ContainerStatus container)
    {
        var waiting = container.State?.Waiting;
        if (waiting?.Reason is "ErrImagePull" or "ImagePullBackOff")
            return ("ImagePullBackOff", $"image {container.Image}{Cause(waiting.Message, container.Image)}");
        if (container.Ready || container.State is { Terminated.ExitCode: 0 } || (container.State?.Running is not null && container.RestartCount == 0))
            return null;
        if ((container.State?.Terminated ?? container.LastState?.Terminated) is { } ended)
        {
            var reason = container.RestartCount > 0 || waiting is not null ? "CrashLoopBackOff" : ended.Reason ?? "Error";
            return (reason, FormattableString.Invariant($"container {container.Name} exited with {ended.ExitCode} ({ended.Reason})"));
        }

        return waiting?.Reason is { } why && !Beginnings.Contains(why) ? (why, waiting.Message) : null;
    }

    /// <summary>The kubelet tells the cause at once after a try, and behind a back-off until the next one.</summary>
    private static string Cause(string? message, string? image)
    {
        var text = (message ?? "").AsSpan();
        foreach (var prefix in (ReadOnlySpan<string>)[$"Back-off pulling image \"{image}\"", ": ", "ErrImagePull: "])
        {
            if (text.StartsWith(prefix, StringComparison.Ordinal))
                text = text[prefix.Length..];
        }

        return text.Length == 0 ? "" : $": {text}";
    }

    private static string Text(V1Pod pod, string reason, string? message) =>
        Shorten($"{pod.Metadata.Name}: {reason}{(string.IsNullOrEmpty(message) ? "" : ": " + message)}");

    private static string Shorten(string text) => text.Length <= MaxLength ? text : text[..MaxLength];
}
