using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Tests.Histories.Clusters;

/// <summary>What a kubelet reports of a worker.</summary>
internal static class PodStatuses
{
    public static V1PodStatus Of(Worker worker, DateTimeOffset now) => worker.State switch
    {
        ContainerState.NotStarted => new V1PodStatus
        {
            Phase = "Pending",
            Conditions = [Ready(false, now)],
            ContainerStatuses = [new V1ContainerStatus { Name = "worker", State = new() { Waiting = new() { Reason = "ContainerCreating" } } }],
        },
        ContainerState.Running => new V1PodStatus
        {
            Phase = "Running",
            Conditions = [Ready(worker.IsReady, now)],
            PodIP = worker.Name,
            StartTime = now,
            ContainerStatuses =
            [
                new V1ContainerStatus
                {
                    Name = "worker",
                    Ready = worker.IsReady,
                    RestartCount = worker.Restarts,
                    ContainerID = "containerd://" + worker.Uid,
                    State = new() { Running = new() { StartedAt = now } },
                },
            ],
        },
        _ => new V1PodStatus
        {
            Phase = worker.FailureReason is null ? "Succeeded" : "Failed",
            Reason = worker.FailureReason,
            Conditions = [Ready(false, now)],
            ContainerStatuses =
            [
                new V1ContainerStatus
                {
                    Name = "worker",
                    RestartCount = worker.Restarts,
                    State = new() { Terminated = new() { ExitCode = worker.FailureReason is null ? 0 : 137, FinishedAt = now } },
                },
            ],
        },
    };

    /// <summary>The same in a list of its own, with the condition changed.</summary>
    public static V1PodStatus WithCondition(V1PodStatus? status, V1Condition condition)
    {
        var next = status is null ? new V1PodStatus { Phase = "Pending" } : Apis.Shallow.Copy(status);
        next.Conditions = [.. (next.Conditions ?? []).Where(other => other.Type != condition.Type), condition];
        return next;
    }

    public static V1Condition Ready(bool isReady, DateTimeOffset now) => new()
    {
        Type = "Ready",
        Status = isReady ? V1Condition.True : V1Condition.False,
        LastTransitionTime = now,
    };
}
