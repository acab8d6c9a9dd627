using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Client;

/// <summary>The record of a tracked job, or what a list says of a job, as the API tells it.</summary>
public sealed record JobRecord
{
    public required JobId Id { get; init; }

    public required string Type { get; init; }

    public required JobState State { get; init; }

    /// <summary>The attempt that runs, or was the last, from 1.</summary>
    public int Attempt { get; init; }

    public int MaxAttempts { get; init; }

    /// <summary>How often its worker was lost.</summary>
    public int Crashes { get; init; }

    public DateTimeOffset EnqueuedAt { get; init; }

    /// <summary>When a delayed job may start, in a list of such.</summary>
    public DateTimeOffset? DueAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>What the handler answered; null where it answered nothing, or something that is not JSON (<see cref="ResultBase64"/>).</summary>
    public JsonElement? Result { get; init; }

    /// <summary>What the handler answered, where that is not JSON.</summary>
    public byte[]? ResultBase64 { get; init; }

    /// <summary>The last failure's message.</summary>
    public string? Error { get; init; }

    /// <summary>The worker that ran it last.</summary>
    public string? Consumer { get; init; }

    /// <summary>How far its last attempt is, or was; null where that did not say.</summary>
    public JobProgress? Progress { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Whether it has ended: completed, cancelled, or a dead letter.</summary>
    public bool HasEnded => State.IsEnd();

    /// <summary>The result of a completed job.</summary>
    /// <exception cref="InvalidOperationException">It is not completed; the message has its state and error.</exception>
    /// <exception cref="JsonException">The result is something else.</exception>
    public T? ReadResult<T>(JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (State != JobState.Completed)
            throw new InvalidOperationException($"The job {Id} is not completed but {State}{(Error is null ? "" : $": {Error}")}.");
        return Result is { } result ? result.Deserialize(type) : default;
    }
}
