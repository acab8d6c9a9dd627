using K8sQueue.Core.Batches;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Dashboard.Flows;

/// <summary>A job among those that it runs after and that run after it, as far as the queue has kept it, and within bounds.</summary>
/// <param name="Then">What runs after the outermost batch; none where that is within a job.</param>
/// <param name="Batch">The outermost batch; null where the job belongs to none.</param>
/// <param name="Job">The job itself, with what it runs after, where it belongs to no batch.</param>
public sealed record Flow(IReadOnlyList<FlowNode> Then, FlowBatch? Batch, FlowNode? Job);

/// <summary>Jobs that something waits for.</summary>
/// <param name="Id">Their batch.</param>
/// <param name="Total">How many.</param>
/// <param name="Open">Those that have not ended.</param>
/// <param name="Failed">Those that failed.</param>
/// <param name="Jobs">Those that are shown.</param>
public sealed record FlowBatch(BatchId Id, int Total, int Open, int Failed, IReadOnlyList<FlowNode> Jobs)
{
    /// <summary>How many are not shown.</summary>
    public int More => Total - Jobs.Count;
}

/// <summary>A job in a flow.</summary>
/// <param name="Id">It.</param>
/// <param name="State">How it stands, in a word.</param>
public sealed record FlowNode(JobId Id, string State)
{
    /// <summary>Its type; null where that is not known.</summary>
    public string? Type { get; init; }

    /// <summary>What it waits for of the batch that it runs after, in words; null where that is not known.</summary>
    public string? When { get; init; }

    /// <summary>Whether it is the one whose page this is.</summary>
    public bool IsThis { get; init; }

    /// <summary>Whether its page may be looked at.</summary>
    public bool IsVisible { get; init; } = true;

    /// <summary>What it runs after; null where that is nothing, or not known.</summary>
    public FlowBatch? After { get; init; }
}
