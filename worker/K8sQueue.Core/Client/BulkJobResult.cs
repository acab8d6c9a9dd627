using K8sQueue.Core.Jobs;

namespace K8sQueue.Client;

/// <summary>What became of one job of a bulk.</summary>
/// <param name="Index">The place of the job in what was given, from 0.</param>
/// <param name="Status">What the job alone would have been answered: 202, 200 for a duplicate, or an error's. A job with 503 may be there.</param>
public sealed record BulkJobResult(long Index, int Status)
{
    /// <summary>The job's id; of a duplicate, that of the job which has its key. Null where it was not accepted.</summary>
    public JobId? Id { get; init; }

    /// <summary>The stable name of what is wrong with it, for example <c>invalid-job</c>.</summary>
    public string? ProblemType { get; init; }

    /// <summary>What exactly, in words.</summary>
    public string? Detail { get; init; }

    /// <summary>The field that is wrong.</summary>
    public string? Field { get; init; }

    public bool IsAccepted => Id is not null;

    /// <summary>Whether the job was left out, since another one has its deduplication key.</summary>
    public bool IsDuplicate => IsAccepted && Status == 200;
}
