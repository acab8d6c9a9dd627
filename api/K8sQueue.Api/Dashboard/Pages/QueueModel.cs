using K8sQueue.Api.Dashboard.Charts;
using K8sQueue.Core.Capacity;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Trends;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>One queue.</summary>
public sealed record QueueModel
{
    public required QueueStatistics Statistics { get; init; }

    public required QueueCapacity Capacity { get; init; }

    public required QueueLimits Limits { get; init; }

    public required IReadOnlyList<Chart> Charts { get; init; }

    public required TrendSpan Span { get; init; }

    /// <summary>The pools that consume it, where that is the reader's to see.</summary>
    public IReadOnlyList<NamespacedName> Pools { get; init; } = [];

    /// <summary>The tracked jobs of which there were events last.</summary>
    public required IReadOnlyList<JobRow> Jobs { get; init; }

    /// <summary>The last events, newest first.</summary>
    public required IReadOnlyList<JobEvent> Events { get; init; }

    /// <summary>Which jobs are shown; null for all.</summary>
    public JobState? State { get; init; }

    /// <summary>What the type of the jobs shown holds; null for all.</summary>
    public string? Type { get; init; }

    public string Name => Statistics.Queue;
}

/// <summary>A tracked job in a list.</summary>
/// <param name="Job">Its record.</param>
/// <param name="LastEventAt">When there was an event of it last.</param>
public sealed record JobRow(JobSnapshot Job, DateTimeOffset LastEventAt);
