namespace K8sQueue.LocalCluster.Kubelet.Containers;

/// <summary>The state of a container, as its status reports it.</summary>
internal abstract record ContainerState
{
    public sealed record Waiting(string Reason, string? Message = null) : ContainerState;

    public sealed record Running(DateTimeOffset StartedAt) : ContainerState;

    public sealed record Terminated(
        int ExitCode, string Reason, string? Message, DateTimeOffset StartedAt, DateTimeOffset FinishedAt, string ContainerId) : ContainerState;
}

/// <summary>A container at one moment.</summary>
/// <param name="Last">How it ended the time before.</param>
internal sealed record ContainerSnapshot(
    string Name,
    string Image,
    ContainerState State,
    ContainerState.Terminated? Last = null,
    int RestartCount = 0,
    bool Started = false,
    bool Ready = false,
    string? ContainerId = null);
