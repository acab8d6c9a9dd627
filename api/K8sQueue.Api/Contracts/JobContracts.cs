using System.Text.Json;
using System.Text.Json.Serialization;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Contracts;

/// <summary>The body of an enqueue. Only the OpenAPI document uses this type: <see cref="Validation.JobRequestReader"/> reads bodies.</summary>
internal record EnqueueJob
{
    public required string Type { get; init; }

    public JsonElement? Payload { get; init; }

    public double DelaySeconds { get; init; }

    public JobPriority Priority { get; init; } = JobPriority.Normal;

    public int MaxAttempts { get; init; } = 5;

    public EnqueueBackoff? Backoff { get; init; }

    public double? TimeoutSeconds { get; init; }

    public bool Tracked { get; init; } = true;

    public EnqueueDeduplication? Deduplication { get; init; }

    public EnqueueConcurrency? Concurrency { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    public double? RetentionSeconds { get; init; }
}

internal sealed record EnqueueDeduplication
{
    public required string Key { get; init; }

    public double? WindowSeconds { get; init; }

    public bool UntilDone { get; init; }
}

internal sealed record EnqueueConcurrency(string Key, int Limit);

internal sealed record EnqueueBackoff
{
    public BackoffType Type { get; init; } = BackoffType.Exponential;

    public double DelaySeconds { get; init; } = 1;

    public double MaxDelaySeconds { get; init; } = 900;

    public double Jitter { get; init; } = 0.2;

    public IReadOnlyList<double> DelaysSeconds { get; init; } = [];
}

[JsonConverter(typeof(CamelCaseEnumConverter<JobPriority>))]
internal enum JobPriority
{
    High,
    Normal,
    Low,
}

[JsonConverter(typeof(CamelCaseEnumConverter<BackoffType>))]
internal enum BackoffType
{
    Exponential,
    Fixed,
    Custom,
}

/// <summary>A job that the broker has.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Queue">Its queue.</param>
/// <param name="Tracked">Whether it has a record to read.</param>
/// <param name="Duplicate">True where it is another job, which has the deduplication key of the one that was sent.</param>
internal sealed record JobAccepted(string Id, string Queue, bool Tracked, bool? Duplicate = null)
{
    public static JobAccepted From(EnqueuedJob job) =>
        new(job.Id.Value, job.Id.Queue, job.Id.IsTracked, job.IsDuplicate ? true : null);
}

/// <summary>What became of a job that was to be cancelled.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Outcome"><c>cancelled</c> where it has ended; <c>requested</c> where it runs and is told to stop, or ends when its turn comes.</param>
internal sealed record CancelDocument(
    string Id, [property: JsonConverter(typeof(CamelCaseEnumConverter<CancelOutcome>))] CancelOutcome Outcome);

/// <param name="Share">From 0 to 1.</param>
/// <param name="Note">What the handler said beside it.</param>
/// <param name="ReportedAt">When it said so.</param>
internal sealed record ProgressDocument(double Share, string? Note, DateTimeOffset ReportedAt);

/// <summary>The record of a tracked job.</summary>
internal sealed record JobDocument
{
    public required string Id { get; init; }

    public required string Queue { get; init; }

    public required string Type { get; init; }

    [JsonConverter(typeof(CamelCaseEnumConverter<JobState>))]
    public required JobState State { get; init; }

    public required int Attempt { get; init; }

    public required int MaxAttempts { get; init; }

    public required int Crashes { get; init; }

    public required long Epoch { get; init; }

    public required DateTimeOffset EnqueuedAt { get; init; }

    /// <summary>When a delayed job may start, in a list of such.</summary>
    public DateTimeOffset? DueAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>What the handler answered, where that is JSON.</summary>
    public RawJson? Result { get; init; }

    /// <summary>What the handler answered, where that is not JSON.</summary>
    public byte[]? ResultBase64 { get; init; }

    public string? Error { get; init; }

    public string? Consumer { get; init; }

    /// <summary>How far its last attempt is, or was, as its handler said.</summary>
    public ProgressDocument? Progress { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    public string? DeduplicationKey { get; init; }

    public string? ConcurrencyKey { get; init; }

    /// <summary>The schedule that enqueued it.</summary>
    public string? Schedule { get; init; }

    /// <summary>When that was due.</summary>
    public DateTimeOffset? ScheduledFor { get; init; }

    /// <summary>The batch that it belongs to.</summary>
    public string? MemberOf { get; init; }

    /// <summary>The batch whose end enqueued it.</summary>
    public string? CallbackOf { get; init; }

    public static JobDocument From(JobSnapshot job)
    {
        var result = RawJson.FromBytes(job.Result);
        return new JobDocument
        {
            Id = job.Id.Value,
            Queue = job.Id.Queue,
            Type = job.Type,
            State = job.State,
            Attempt = job.Attempt,
            MaxAttempts = job.MaxAttempts,
            Crashes = job.Crashes,
            Epoch = job.Epoch,
            EnqueuedAt = job.EnqueuedAt,
            DueAt = job.DueAt,
            StartedAt = job.StartedAt,
            FinishedAt = job.FinishedAt,
            Result = result,
            ResultBase64 = result is null ? job.Result?.ToArray() : null,
            Error = job.Error,
            Consumer = job.Consumer,
            Progress = job.Progress is { } progress ? new ProgressDocument(progress.Share, progress.Note, progress.ReportedAt) : null,
            Tags = job.Traits is { Tags.Count: > 0 } traits ? traits.Tags : null,
            DeduplicationKey = job.Traits?.Deduplication?.Key is { } key && !key.StartsWith(IdempotencyKey.Prefix, StringComparison.Ordinal) ? key : null,
            ConcurrencyKey = job.Traits?.Concurrency?.Key,
            Schedule = job.Traits?.ScheduledRun?.Schedule,
            ScheduledFor = job.Traits?.ScheduledRun?.At,
            MemberOf = job.Traits?.MemberOf?.Value,
            CallbackOf = job.Traits?.CallbackOf?.Value,
        };
    }
}

/// <summary>Some of a queue's jobs.</summary>
/// <param name="Jobs">The jobs, without results; errors are cut to 1,000 characters.</param>
/// <param name="Next">Give it as <c>after</c> for those that follow; missing where there are none.</param>
internal sealed record JobListPage(IReadOnlyList<JobDocument> Jobs, string? Next)
{
    private const int MaxErrorLength = 1000;

    public static JobListPage From(JobPage page) => new(
        [.. page.Jobs.Select(job => JobDocument.From(job.Error is { Length: > MaxErrorLength } error ? job with { Error = error[..MaxErrorLength] } : job))],
        page.Next);
}
