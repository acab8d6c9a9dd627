using System.Text.Json.Serialization;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Api.Contracts;

/// <summary>The body of a schedule. Only the OpenAPI document uses this type: <see cref="Validation.ScheduleReader"/> reads bodies.</summary>
internal sealed record PutSchedule
{
    public required string Cron { get; init; }

    public string TimeZone { get; init; } = "UTC";

    [JsonConverter(typeof(CamelCaseEnumConverter<MisfirePolicy>))]
    public MisfirePolicy Misfire { get; init; }

    public double GraceSeconds { get; init; } = 60;

    [JsonConverter(typeof(CamelCaseEnumConverter<ScheduleOverlap>))]
    public ScheduleOverlap Overlap { get; init; }

    public required EnqueueJob Job { get; init; }
}

/// <summary>A schedule and where it stands.</summary>
internal sealed record ScheduleDocument
{
    public required string Queue { get; init; }

    public required string Name { get; init; }

    [JsonConverter(typeof(CamelCaseEnumConverter<ScheduleState>))]
    public required ScheduleState State { get; init; }

    public string? Cron { get; init; }

    public string? TimeZone { get; init; }

    [JsonConverter(typeof(CamelCaseEnumConverter<MisfirePolicy>))]
    public MisfirePolicy? Misfire { get; init; }

    public double? GraceSeconds { get; init; }

    [JsonConverter(typeof(CamelCaseEnumConverter<ScheduleOverlap>))]
    public ScheduleOverlap? Overlap { get; init; }

    /// <summary>When it fires next; missing while it does not.</summary>
    public DateTimeOffset? NextFireAt { get; init; }

    /// <summary>The due time of its last start.</summary>
    public DateTimeOffset? LastFireAt { get; init; }

    /// <summary>The job of its last start.</summary>
    public string? LastJobId { get; init; }

    /// <summary>What is wrong with it, where its state is <c>invalid</c>.</summary>
    public string? Problem { get; init; }

    public ScheduleJob? Job { get; init; }

    public static ScheduleDocument From(JobScheduleStatus status) => new()
    {
        Queue = status.Queue,
        Name = status.Name,
        State = status.State,
        Cron = status.Schedule?.Cron,
        TimeZone = status.Schedule?.TimeZone,
        Misfire = status.Schedule?.Misfire,
        GraceSeconds = status.Schedule?.MisfireGrace.TotalSeconds,
        Overlap = status.Schedule?.Overlap,
        NextFireAt = status.NextFireAt,
        LastFireAt = status.LastFireAt,
        LastJobId = status.LastJob?.Value,
        Problem = status.Problem,
        Job = status.Schedule is { } schedule ? ScheduleJob.From(schedule.Job) : null,
    };
}

/// <summary>The job of a schedule.</summary>
internal sealed record ScheduleJob
{
    public required string Type { get; init; }

    public RawJson? Payload { get; init; }

    public required JobPriority Priority { get; init; }

    public required int MaxAttempts { get; init; }

    public required EnqueueBackoff Backoff { get; init; }

    public double? TimeoutSeconds { get; init; }

    public required bool Tracked { get; init; }

    public EnqueueDeduplication? Deduplication { get; init; }

    public EnqueueConcurrency? Concurrency { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    public double? RetentionSeconds { get; init; }

    public static ScheduleJob From(JobRequest job) => new()
    {
        Type = job.Type,
        Payload = RawJson.FromBytes(job.Payload),
        Priority = job.Lane switch { Lane.High => JobPriority.High, Lane.Low => JobPriority.Low, _ => JobPriority.Normal },
        MaxAttempts = job.Retry.MaxAttempts,
        Backoff = new EnqueueBackoff
        {
            Type = job.Retry.Backoff switch
            {
                BackoffKind.Fixed => BackoffType.Fixed,
                BackoffKind.Custom => BackoffType.Custom,
                _ => BackoffType.Exponential,
            },
            DelaySeconds = job.Retry.Delay.TotalSeconds,
            MaxDelaySeconds = job.Retry.MaxDelay.TotalSeconds,
            Jitter = job.Retry.Jitter,
            DelaysSeconds = [.. job.Retry.Delays.Select(d => d.TotalSeconds)],
        },
        TimeoutSeconds = job.Timeout?.TotalSeconds,
        Tracked = job.Tracked,
        Deduplication = job.Deduplication is { } key
            ? new EnqueueDeduplication { Key = key.Key, WindowSeconds = key.Window?.TotalSeconds, UntilDone = key.UntilDone }
            : null,
        Concurrency = job.Concurrency is { } limit ? new EnqueueConcurrency(limit.Key, limit.Limit) : null,
        Tags = job.Tags.Count > 0 ? job.Tags : null,
        RetentionSeconds = job.Retention?.TotalSeconds,
    };
}

/// <summary>A page of schedules, by name.</summary>
/// <param name="Schedules">The schedules.</param>
/// <param name="Next">Give it as <c>after</c> for the next page; null on the last one.</param>
internal sealed record SchedulePage(IReadOnlyList<ScheduleDocument> Schedules, string? Next);
