using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Batches;

/// <summary>A job that runs after others, each of which may run after others again.</summary>
public sealed record FlowRequest
{
    /// <summary>The job, without a deduplication key.</summary>
    public required JobRequest Job { get; init; }

    /// <summary>What runs before it; none of it in any order.</summary>
    public IReadOnlyList<FlowRequest> Children { get; init; } = [];

    /// <summary>Which end of its children it waits for. The default value is <see cref="FlowRunAfter.Succeeded"/>.</summary>
    public FlowRunAfter RunAfter { get; init; } = FlowRunAfter.Succeeded;
}

/// <summary>What the job of a flow waits for.</summary>
public enum FlowRunAfter
{
    /// <summary>All of its children are completed. Until then it does not run; a failed child may be redriven.</summary>
    Succeeded,

    /// <summary>All of its children have ended, well or not. One that can't run since a child of its own failed has ended too.</summary>
    Ended,
}

/// <summary>A flow that the broker has, in the shape of its request.</summary>
/// <param name="Job">The job; one with children is enqueued when they have ended.</param>
/// <param name="Batch">The batch of its children; null where it has none.</param>
/// <param name="Children">What runs before it, in the request's order.</param>
public sealed record EnqueuedFlow(JobId Job, BatchId? Batch, IReadOnlyList<EnqueuedFlow> Children)
{
    /// <summary>How many jobs it has in all.</summary>
    public int Count => 1 + Children.Sum(child => child.Count);
}

/// <summary>A batch that the broker has.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Jobs">The ids of its jobs, in the same order.</param>
/// <param name="OnComplete">The id that this callback will have.</param>
/// <param name="OnSuccess">The id that this callback will have.</param>
public sealed record EnqueuedBatch(BatchId Id, IReadOnlyList<JobId> Jobs, JobId? OnComplete, JobId? OnSuccess);
