using System.Text.Json.Serialization;

namespace K8sQueue.Kubernetes.Models;

public sealed class V1PodStatus
{
    /// <summary>Pending, Running, Succeeded, Failed or Unknown.</summary>
    public string? Phase { get; set; }

    public string? Reason { get; set; }

    public string? Message { get; set; }

    [JsonPropertyName("podIP")]
    public string? PodIP { get; set; }

    [JsonPropertyName("hostIP")]
    public string? HostIP { get; set; }

    public DateTimeOffset? StartTime { get; set; }

    public List<V1Condition>? Conditions { get; set; }

    public List<V1ContainerStatus>? InitContainerStatuses { get; set; }

    public List<V1ContainerStatus>? ContainerStatuses { get; set; }
}

public sealed class V1ContainerStatus
{
    public string Name { get; set; } = "";

    public bool Ready { get; set; }

    public bool? Started { get; set; }

    public int RestartCount { get; set; }

    public string? Image { get; set; }

    [JsonPropertyName("imageID")]
    public string? ImageID { get; set; }

    [JsonPropertyName("containerID")]
    public string? ContainerID { get; set; }

    public V1ContainerState? State { get; set; }

    /// <summary>How the previous run of this container ended.</summary>
    public V1ContainerState? LastState { get; set; }
}

/// <summary>One of the three is set; none means waiting.</summary>
public sealed class V1ContainerState
{
    public V1ContainerStateWaiting? Waiting { get; set; }

    public V1ContainerStateRunning? Running { get; set; }

    public V1ContainerStateTerminated? Terminated { get; set; }
}

public sealed class V1ContainerStateWaiting
{
    public string? Reason { get; set; }

    public string? Message { get; set; }
}

public sealed class V1ContainerStateRunning
{
    public DateTimeOffset? StartedAt { get; set; }
}

public sealed class V1ContainerStateTerminated
{
    public int ExitCode { get; set; }

    public int? Signal { get; set; }

    public string? Reason { get; set; }

    public string? Message { get; set; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }
}
