using System.Text.Json.Serialization;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Client;

/// <summary>A schedule and where it stands, as the API tells it.</summary>
public sealed record ScheduleRecord
{
    public required string Queue { get; init; }

    public required string Name { get; init; }

    public required ScheduleState State { get; init; }

    public string? Cron { get; init; }

    public string? TimeZone { get; init; }

    public MisfirePolicy? Misfire { get; init; }

    public ScheduleOverlap? Overlap { get; init; }

    /// <summary>When it fires next; null while it does not.</summary>
    public DateTimeOffset? NextFireAt { get; init; }

    /// <summary>The due time of its last start.</summary>
    public DateTimeOffset? LastFireAt { get; init; }

    /// <summary>The job of its last start.</summary>
    public JobId? LastJobId { get; init; }

    /// <summary>What is wrong with it.</summary>
    public string? Problem { get; init; }

    /// <summary>
    /// What tells this schedule from a later one, for <see cref="K8sQueueClient.ReplaceScheduleAsync"/> and a deletion; null of an API that does not say it.
    /// </summary>
    [JsonIgnore]
    public string? ETag { get; init; }
}
