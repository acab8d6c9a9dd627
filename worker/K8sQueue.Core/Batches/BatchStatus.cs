using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Batches;

/// <summary>How the job of a batch stands.</summary>
public enum BatchJobState
{
    /// <summary>It waits, runs, or waits for its own children.</summary>
    Open,

    /// <summary>It is completed.</summary>
    Succeeded,

    /// <summary>It is a dead letter, was cancelled, or can't run since a job that it waits for failed. One that is redriven stays so until it is completed.</summary>
    Failed,
}

/// <param name="Id">The job.</param>
/// <param name="State">How it stands.</param>
/// <param name="Record">The record of a tracked job, with its result; null where there is none, or it has expired.</param>
public sealed record BatchJob(JobId Id, BatchJobState State, JobSnapshot? Record);

/// <summary>A batch and where it stands.</summary>
public sealed record BatchStatus
{
    public required BatchId Id { get; init; }

    /// <summary>Its jobs in all.</summary>
    public required int Total { get; init; }

    public required int Open { get; init; }

    public required int Failed { get; init; }

    /// <summary>Jobs that are completed.</summary>
    public int Succeeded => Total - Open - Failed;

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When no job was open any more; null where one is.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>
    /// Whether its producer enqueued all of its jobs. Without that, after its first seconds, the producer was lost: some jobs may never run, and no
    /// callback comes.
    /// </summary>
    public required bool IsSealed { get; init; }

    public JobId? OnComplete { get; init; }

    public JobId? OnSuccess { get; init; }

    /// <summary>Whether <see cref="OnSuccess"/> was enqueued.</summary>
    public bool SuccessCalled { get; init; }

    /// <summary>The batch that a callback belongs to while it is not enqueued, as in a flow: once it is, its own traits say so.</summary>
    public BatchId? CallbackMemberOf { get; init; }

    /// <summary>Those of its jobs that were asked for, in their order.</summary>
    public IReadOnlyList<BatchJob> Jobs { get; init; } = [];
}
