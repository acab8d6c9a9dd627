using K8sQueue.Api.Cluster;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>Who consumes the queues.</summary>
public sealed record WorkersModel
{
    /// <summary>The only queue that is looked at; null for all.</summary>
    public string? Queue { get; init; }

    /// <summary>The workers, by name.</summary>
    internal IReadOnlyList<WorkerRow> Workers { get; init; } = [];

    /// <summary>Slots that run jobs, and all of them, by the workers' last reports; null where none reported.</summary>
    public (double InUse, double All)? Slots { get; init; }

    /// <summary>Why their pods can't be told; null where they can, where there is no cluster, and where that is not the reader's to see.</summary>
    public ErrorModel? Fault { get; init; }

    /// <summary>The queue behind which the next page begins; null on the last one.</summary>
    public string? Next { get; init; }
}

/// <summary>A worker, over the queues that it consumes.</summary>
/// <param name="Name">Its name at the broker.</param>
/// <param name="PodName">The pod or host that it runs on.</param>
/// <param name="Queues">What it consumes.</param>
/// <param name="InFlight">Jobs that it runs, or has fetched to run next.</param>
/// <param name="LastSeen">How long ago it renewed its leases.</param>
internal sealed record WorkerRow(string Name, string PodName, IReadOnlyList<string> Queues, int InFlight, TimeSpan LastSeen)
{
    /// <summary>Those of its jobs that are told: tracked ones.</summary>
    public IReadOnlyList<JobSnapshot> Jobs { get; init; } = [];

    /// <summary>Its pod; null where that is not known.</summary>
    public PodDocument? Pod { get; init; }

    /// <summary>The pool of its pod; null where that is not known.</summary>
    public NamespacedName? Pool { get; init; }

    /// <summary>Whether its leases have ended: its jobs are given to others.</summary>
    public bool IsLost => LastSeen > JobQueueDefaults.Lease;
}
