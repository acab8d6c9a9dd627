using K8sQueue.Api.Validation;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Contracts;

/// <summary>A job that will not run again by itself.</summary>
internal sealed record DeadLetterDocument
{
    public required string Id { get; init; }

    public required string Type { get; init; }

    public required string Reason { get; init; }

    public required string Error { get; init; }

    public required int Attempt { get; init; }

    public required int MaxAttempts { get; init; }

    public required int Crashes { get; init; }

    public required DateTimeOffset EnqueuedAt { get; init; }

    public required DateTimeOffset BuriedAt { get; init; }

    public required int PayloadBytes { get; init; }

    /// <summary>The payload; left out where it is not JSON or larger than 16 KiB.</summary>
    public RawJson? Payload { get; init; }

    public static DeadLetterDocument From(DeadLetter letter) => new()
    {
        Id = letter.Job.Id.Value,
        Type = letter.Job.Type,
        Reason = letter.Reason,
        Error = letter.Error,
        Attempt = letter.Job.Attempt,
        MaxAttempts = letter.Job.Retry.MaxAttempts,
        Crashes = letter.Job.Crashes,
        EnqueuedAt = letter.Job.EnqueuedAt,
        BuriedAt = letter.BuriedAt,
        PayloadBytes = letter.Job.Payload.Length,
        Payload = letter.Job.Payload.Length <= ApiLimits.MaxListedPayloadBytes ? RawJson.FromBytes(letter.Job.Payload) : null,
    };
}

/// <summary>A page of dead letters, newest first.</summary>
/// <param name="DeadLetters">The letters.</param>
/// <param name="NextOffset">Give it as <c>offset</c> for the next page; null on the last one.</param>
internal sealed record DeadLetterPage(IReadOnlyList<DeadLetterDocument> DeadLetters, int? NextOffset);

/// <summary>The optional body of a redrive. Only the OpenAPI document uses this type.</summary>
internal sealed record RedriveJob(System.Text.Json.JsonElement Payload);

/// <summary>What became of the dead letters that were to run again.</summary>
internal sealed record RedrivenDocument
{
    /// <summary>How many would run again: of a dry run, of which the next two are missing.</summary>
    public int? Matched { get; init; }

    /// <summary>Those that wait in their queue.</summary>
    public int? Redriven { get; init; }

    /// <summary>Those that stay, since other jobs have their deduplication keys.</summary>
    public int? Duplicates { get; init; }

    /// <summary>Give it as <c>cursor</c> for those that follow; missing where there are none.</summary>
    public string? Next { get; init; }
}

/// <summary>What became of the dead letters that were to be deleted.</summary>
internal sealed record DeletedDocument
{
    /// <summary>How many would be deleted: of a dry run, of which the next one is missing.</summary>
    public int? Matched { get; init; }

    /// <summary>How many were deleted.</summary>
    public int? Deleted { get; init; }

    /// <summary>Give it as <c>cursor</c> for those that follow; missing where there are none.</summary>
    public string? Next { get; init; }
}
