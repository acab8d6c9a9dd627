using System.Text.Json.Serialization;
using K8sQueue.Core.Batches;

namespace K8sQueue.Api.Contracts;

/// <summary>The body of a batch. Only the OpenAPI document uses this type: <see cref="Validation.BatchReader"/> reads bodies.</summary>
internal sealed record EnqueueBatch
{
    public required IReadOnlyList<EnqueueBatchJob> Jobs { get; init; }

    public EnqueueBatchJob? OnComplete { get; init; }

    public EnqueueBatchJob? OnSuccess { get; init; }
}

/// <summary>A job of a batch: as one that is enqueued alone, and its queue.</summary>
internal record EnqueueBatchJob : EnqueueJob
{
    /// <summary>Left out where the type has a route.</summary>
    public string? Queue { get; init; }
}

/// <summary>The body of a flow.</summary>
internal sealed record EnqueueFlow : EnqueueBatchJob
{
    [JsonConverter(typeof(CamelCaseEnumConverter<FlowRunAfter>))]
    public FlowRunAfter RunAfter { get; init; }

    public IReadOnlyList<EnqueueFlow> Children { get; init; } = [];
}

/// <summary>A batch that the broker has.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Jobs">The ids of its jobs, in the same order.</param>
/// <param name="OnComplete">The id that this callback will have.</param>
/// <param name="OnSuccess">The id that this callback will have.</param>
internal sealed record BatchAccepted(string Id, IReadOnlyList<string> Jobs, string? OnComplete, string? OnSuccess)
{
    public static BatchAccepted From(EnqueuedBatch batch) =>
        new(batch.Id.Value, [.. batch.Jobs.Select(job => job.Value)], batch.OnComplete?.Value, batch.OnSuccess?.Value);
}

/// <summary>A flow that the broker has, in the shape of its request.</summary>
/// <param name="Id">The job's id.</param>
/// <param name="Queue">Its queue.</param>
/// <param name="Tracked">Whether it has a record to read, once it is enqueued.</param>
/// <param name="Batch">The batch of its children; missing where it has none.</param>
/// <param name="Children">What runs before it; missing where nothing does.</param>
internal sealed record FlowAccepted(string Id, string Queue, bool Tracked, string? Batch, IReadOnlyList<FlowAccepted>? Children)
{
    public static FlowAccepted From(EnqueuedFlow flow) => new(
        flow.Job.Value,
        flow.Job.Queue,
        flow.Job.IsTracked,
        flow.Batch?.Value,
        flow.Children.Count == 0 ? null : [.. flow.Children.Select(From)]);
}

/// <summary>How a batch stands.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<BatchState>))]
internal enum BatchState
{
    Open,
    Succeeded,
    Failed,
}

/// <summary>A batch and where it stands.</summary>
internal sealed record BatchDocument
{
    public required string Id { get; init; }

    /// <summary>Open while one of its jobs is, then failed while one of them has failed.</summary>
    public required BatchState State { get; init; }

    public required int Total { get; init; }

    public required int Open { get; init; }

    public required int Succeeded { get; init; }

    public required int Failed { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>False where its producer was lost before it had enqueued all of its jobs, or has not done so yet.</summary>
    public required bool Sealed { get; init; }

    public string? OnComplete { get; init; }

    public string? OnSuccess { get; init; }

    public required IReadOnlyList<BatchJobDocument> Jobs { get; init; }

    /// <summary>Give it as <c>offset</c> for the next jobs; missing on the last page.</summary>
    public int? NextOffset { get; init; }

    /// <param name="batch">The batch.</param>
    /// <param name="offset">How many of its jobs are left out.</param>
    /// <param name="mayRead">Whether a queue's results and errors may be shown.</param>
    public static BatchDocument From(BatchStatus batch, int offset, Func<string, bool> mayRead) => new()
    {
        Id = batch.Id.Value,
        State = batch.Open > 0 ? BatchState.Open : batch.Failed > 0 ? BatchState.Failed : BatchState.Succeeded,
        Total = batch.Total,
        Open = batch.Open,
        Succeeded = batch.Succeeded,
        Failed = batch.Failed,
        CreatedAt = batch.CreatedAt,
        EndedAt = batch.EndedAt,
        Sealed = batch.IsSealed,
        OnComplete = batch.OnComplete?.Value,
        OnSuccess = batch.OnSuccess?.Value,
        Jobs = [.. batch.Jobs.Select(job => BatchJobDocument.From(mayRead(job.Id.Queue) ? job : job with { Record = null }))],
        NextOffset = offset + batch.Jobs.Count < batch.Total && batch.Jobs.Count > 0 ? offset + batch.Jobs.Count : null,
    };
}

/// <summary>A job of a batch.</summary>
internal sealed record BatchJobDocument
{
    public required string Id { get; init; }

    [JsonConverter(typeof(CamelCaseEnumConverter<BatchJobState>))]
    public required BatchJobState State { get; init; }

    /// <summary>What its handler answered, where the job is tracked, its record is there still, and that is JSON.</summary>
    public RawJson? Result { get; init; }

    public string? Error { get; init; }

    public static BatchJobDocument From(BatchJob job) => new()
    {
        Id = job.Id.Value,
        State = job.State,
        Result = RawJson.FromBytes(job.Record?.Result),
        Error = job.Record?.Error,
    };
}
