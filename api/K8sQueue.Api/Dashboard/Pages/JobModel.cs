using K8sQueue.Api.Cluster;
using K8sQueue.Api.Dashboard.Flows;
using K8sQueue.Api.Dashboard.Masking;
using K8sQueue.Api.Validation;
using K8sQueue.Api.Workers;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>One job.</summary>
public sealed record JobModel
{
    public required JobId Id { get; init; }

    /// <summary>Its record; null where it is not tracked, unknown, or expired.</summary>
    public JobSnapshot? Job { get; init; }

    /// <summary>The dead letter that it is; null where it is none.</summary>
    public DeadLetter? DeadLetter { get; init; }

    /// <summary>What is kept of its events, oldest first.</summary>
    public IReadOnlyList<JobEvent> Events { get; init; } = [];

    /// <summary>The worker that runs it; null where none does, or its worker is gone.</summary>
    internal WorkerDocument? Worker { get; init; }

    /// <summary>The pod of <see cref="Worker"/>; null where that is not known, and where it is not the reader's to see.</summary>
    internal PodDocument? Pod { get; init; }

    /// <summary>The pool of <see cref="Pod"/>.</summary>
    internal NamespacedName? Pool { get; init; }

    /// <summary>Its payload; null where the broker has none any more.</summary>
    public ShownPayload? Payload { get; init; }

    /// <summary>What its handler answered; null where it did not.</summary>
    public ShownPayload? Result { get; init; }

    /// <summary>What it runs after, and what runs after it; null where it stands alone, or its record does not tell.</summary>
    public Flow? Flow { get; init; }

    /// <summary>Whether it may still end otherwise.</summary>
    public bool IsOpen => Job is { State: JobState.Waiting or JobState.Parked or JobState.Delayed or JobState.Running };

    /// <summary>Whether the leases of its worker have ended: it is given to another one.</summary>
    internal bool IsLost => Worker is { } worker && TimeSpan.FromSeconds(worker.LeaseAgeSeconds) > JobQueueDefaults.Lease;

    /// <summary>The id of its trace; null where it has none.</summary>
    public string? TraceId => TraceParents.TraceIdOf(Job?.TraceParent ?? DeadLetter?.Job.TraceParent);
}
